metadata(
    description="Six sockets over a cellular modem's AT commands",
    version="0.1.0",
    license="MIT",
)

package("sixlink")
