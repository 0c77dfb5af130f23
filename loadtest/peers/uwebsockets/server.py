"""uWebSockets, its C++ core driven through socketify: topics and publishing are C++, Python only hands over a message.

Argument: the port. `POST /publish` sends its body to every viewer of `/live`.
"""
import sys

from socketify import App, CompressOptions, OpCode

app = App()


async def publish(res, req):
    body = await res.get_data()
    app.publish("hall", body.getvalue().decode(), OpCode.TEXT, False)
    res.end("")


app.ws(
    "/live",
    {
        "compression": CompressOptions.DISABLED,
        "max_payload_length": 64 * 1024,
        "idle_timeout": 0,
        "send_pings_automatically": False,
        "open": lambda ws: ws.subscribe("hall"),
    },
)
app.post("/publish", publish)
app.get("/healthz", lambda res, req: res.end("ok"))
app.listen({"port": int(sys.argv[1]), "host": "127.0.0.1"}, lambda config: None)
app.run()
