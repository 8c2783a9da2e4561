// Microsoft's own SignalR client at the simulated PBX, as somebody would write a monitor with it: it logs in, monitors
// extension 200, and prints one line of JSON for each event. main.go runs it, in a folder with its modules:
//
//   node client.mjs URL

import { createRequire } from "node:module";

const signalR = createRequire(process.cwd() + "/")("@microsoft/signalr");

const connection = new signalR.HubConnectionBuilder()
  .withUrl(process.argv[process.argv.length - 1], { transport: signalR.HttpTransportType.WebSockets })
  .configureLogging(signalR.LogLevel.None)
  .build();

for (const [target, phase] of [["Delivered", "ringing"], ["Established", "active"], ["ConnectionCleared", "ended"]]) {
  connection.on(target, (event) => {
    const linkage = event.callLinkageData.globalCallData.globalCallLinkageId;
    const number = event.callingDevice?.deviceIdentifier;
    process.stdout.write(JSON.stringify({ status: "online", calls: [{ linkage, phase, number }] }) + "\n");
  });
}

await connection.start();
await connection.invoke("StartApplicationSession", {
  applicationInfo: {
    applicationSpecificInfo: {
      "vendorData:userID": "user@example.dk",
      "vendorData:password": "secret",
      "vendorData:pbxDomain": "12345678.pbx.one-connect.dk",
    },
  },
  requestedSessionDuration: 120,
});
await connection.invoke("MonitorStart", {
  monitorObject: { deviceObject: "u-12345678-200" },
  privateData: { requestId: "1-abc" },
});
process.stdout.write(JSON.stringify({ status: "online", calls: [] }) + "\n");
