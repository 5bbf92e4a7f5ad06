"""What `help(modem)` says: one screen."""

TEXT = """
  modem                     one screen: signal, bearer, links, counters, errors
  connect(timeout=180)      bring the connection up; 0 only starts it
  isconnected()  status()   whether it is up; status("rssi"), also operator
  disconnect()              send what is written, then take the connection down
  ifconfig()  ipconfig()    address; ipconfig("dns"): name servers
  config("imei")            also imsi, iccid, model, firmware, apn
  time()                    of the network, for machine.RTC().datetime()
  socket()  getaddrinfo()   as in module socket; sixlink.install(modem) makes it
                            the socket module of every program
  transparent(host, port)   one peer on the bare UART
  aio                       all of it for asyncio
  links[n].close()          free link n of a forgotten socket
  at("+CSQ")                ask the modem anything, beside the links
  console()                 an AT terminal, beside the links; Ctrl-C leaves it
  trace()                   what last crossed the UART; trace("file") saves it
  stats()                   counters and the last errors, as a dict
  on_event(callback)        be told what happens to the modem
  keep_going                called while something waits: feed a watchdog there
  last_error                what such a callback raised
  driver                    the pump: driver.pump() makes one turn by hand"""
