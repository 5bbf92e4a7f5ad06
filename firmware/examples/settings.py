"""What the examples connect to: put in your operator's access point and your own servers."""

APN = "cmnet"

HTTP_HOST, HTTP_PORT = "example.com", 80
HTTPS_HOST, HTTPS_PORT = "example.com", 443
CA_FILE = "ca.der"  # the authority that signed the server's certificate, in DER

MQTT_HOST, MQTT_PORT = "test.mosquitto.org", 1883
NTP_HOST, NTP_PORT = "pool.ntp.org", 123
WEBSOCKET_URL = "ws://echo.example.com/"
ECHO_HOST, ECHO_PORT = "echo.example.com", 7
SERVER_PORT = 8080  # of the modem's own, for those who call it
