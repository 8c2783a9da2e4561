// Microsoft's own SignalR client against the simulated PBX: foreign_test.go runs it.
//
//   node client.mjs URL negotiate|skip CALLS IDLE
//
// It logs in, monitors u-12345678-200 and prints "ready". When it has seen CALLS calls end, it keeps
// still for IDLE milliseconds, and prints one line of JSON: what it saw. It judges nothing but order.

import * as signalR from "@microsoft/signalr";
import WebSocket from "ws";

const [url, mode, calls, idle] = [process.argv[2], process.argv[3], Number(process.argv[4]), Number(process.argv[5])];
const serverTimeout = 2000;

const saw = { calls: 0, wrong: [], pings: 0, closed: "", refused: "", unknownMethod: "", longest: 0 };

// Counting tells pings, which the client takes in silence, from everything else.
class Counting extends WebSocket {
  constructor(...args) {
    super(...args);
    let last = Date.now();
    this.on("message", (data) => {
      saw.longest = Math.max(saw.longest, Date.now() - last);
      last = Date.now();
      for (const record of String(data).split("\x1e")) {
        if (record && JSON.parse(record).type === 6) saw.pings++;
      }
    });
  }
}

const connection = new signalR.HubConnectionBuilder()
  .withUrl(url, {
    WebSocket: Counting,
    transport: signalR.HttpTransportType.WebSockets,
    skipNegotiation: mode === "skip",
  })
  .configureLogging(signalR.LogLevel.None)
  .withServerTimeout(serverTimeout)
  .withKeepAliveInterval(100)
  .build();

const order = ["Delivered", "Established", "ConnectionCleared"];
const seen = new Map(); // by linkage: how many of a call's events have come
let done;
const finished = new Promise((resolve) => (done = resolve));

for (const target of order) {
  connection.on(target, (event) => {
    const id = event.callLinkageData.globalCallData.globalCallLinkageId;
    const step = seen.get(id) ?? 0;
    if (target !== order[step] || event.monitorCrossRefId !== "u-12345678-200") {
      saw.wrong.push(`${target} as number ${step} of ${id}`);
    }
    seen.set(id, step + 1);
    if (target === "ConnectionCleared" && ++saw.calls === calls) done();
  });
}
connection.onclose((err) => {
  saw.closed = String(err ?? "closed");
  done();
});

const login = (password) =>
  connection.invoke("StartApplicationSession", {
    applicationInfo: {
      applicationSpecificInfo: {
        "vendorData:userID": "user@example.dk",
        "vendorData:password": password,
        "vendorData:pbxDomain": "12345678.pbx.one-connect.dk",
      },
    },
    requestedSessionDuration: 120,
  });

await connection.start();
saw.refused = (await login("wrong")).errorCode.definedError;
await connection.invoke("NoSuchMethod", {}).catch((err) => (saw.unknownMethod = err.message));
const session = await login("secret");
const monitor = await connection.invoke("MonitorStart", {
  monitorObject: { deviceObject: "u-12345678-200" },
  privateData: { requestId: "1-abc" },
});
if (!session.sessionId || session.actualSessionDuration !== 120 || monitor.monitorCrossRefId !== "u-12345678-200") {
  throw new Error("unexpected answers: " + JSON.stringify([session, monitor]));
}
console.log("ready");
await finished;
const before = saw.pings;
await new Promise((resolve) => setTimeout(resolve, idle));
saw.pings -= before;
saw.state = connection.state;
console.log(JSON.stringify(saw));
await connection.stop();
