using System.Collections.Concurrent;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;

// One telephone, 200, behind a hub of ASP.NET Core. Methods, events and members are those of the vendor's SignalR
// page; what the tests make of it is in the README.

var web = WebApplication.CreateBuilder(args);
web.Logging.SetMinimumLevel(LogLevel.Warning);
web.Services.AddSignalR(hub =>
{
    hub.EnableDetailedErrors = Switches.On("DETAILED");
    if (Switches.Seconds("CLIENT_TIMEOUT") is TimeSpan timeout) hub.ClientTimeoutInterval = timeout;
    if (Switches.Seconds("KEEPALIVE") is TimeSpan keepAlive) hub.KeepAliveInterval = keepAlive;
});
var app = web.Build();

app.MapHub<Telephone>("/csta", endpoint =>
{
    endpoint.AllowStatefulReconnects = Switches.On("STATEFUL");
    if (Switches.On("LONGPOLLING")) endpoint.Transports = HttpTransportType.LongPolling;
    if (Switches.On("NOWS")) endpoint.Transports = HttpTransportType.ServerSentEvents | HttpTransportType.LongPolling;
});

app.MapPost("/play", async (HttpRequest request, IHubContext<Telephone> hub) =>
{
    string Of(string key) => request.Query[key];
    var times = int.TryParse(Of("times"), out var n) ? n : 1;
    for (var i = 0; i < times; i++)
    {
        var suffix = times > 1 ? "-" + i : "";
        var leg = new Leg(Of("call") + suffix, Of("link") + suffix, Of("from"), Of("name"), null);
        await hub.Clients.Group(Telephone.Watchers).SendAsync(Of("what"), leg.Tell(Of("what")));
    }
    return "ok";
});

app.MapPost("/ask", async (IHubContext<Telephone> hub) =>
{
    try
    {
        var client = hub.Clients.Client(Telephone.Watching.Keys.First());
        return await client.InvokeAsync<string>("AreYouThere", CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(5));
    }
    catch (Exception e)
    {
        return e.GetType().Name + ": " + e.Message;
    }
});

app.MapPost("/abort", () =>
{
    foreach (var connection in Telephone.Watching.Values) connection.Abort();
    return "ok";
});

app.MapPost("/stop", () =>
{
    _ = Task.Delay(100).ContinueWith(_ => app.StopAsync());
    return "ok";
});

app.MapGet("/log", () => Telephone.Log.ToArray());

app.Run();

static class Switches
{
    public static bool On(string name) => Environment.GetEnvironmentVariable(name) == "1";

    public static TimeSpan? Seconds(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), out var seconds) ? TimeSpan.FromSeconds(seconds) : null;
}

public class Telephone : Hub
{
    public const string Watchers = "monitors";
    public static readonly ConcurrentDictionary<string, HubCallerContext> Watching = new();
    public static readonly ConcurrentQueue<string> Log = new();
    static readonly ConcurrentDictionary<string, bool> users = new();

    public object StartApplicationSession(Login login)
    {
        var who = login?.ApplicationInfo?.ApplicationSpecificInfo;
        var right = who?.Password == "secret";
        Log.Enqueue($"StartApplicationSession {who?.UserId} {who?.PbxDomain} {login?.RequestedSessionDuration} password {(right ? "right" : "wrong")}");
        if (!right) throw new HubException("Invalid credentials");
        users[Context.ConnectionId] = true;
        return new
        {
            SessionId = "s-" + Context.ConnectionId,
            ActualProtocolVersion = "http://www.ecma-international.org/standards/ecma-323/csta/ed6",
            ActualSessionDuration = login.RequestedSessionDuration,
        };
    }

    public async Task<object> MonitorStart(Monitor monitor)
    {
        NeedsLogin();
        Log.Enqueue("MonitorStart " + monitor.MonitorObject.DeviceObject);
        Watching[Context.ConnectionId] = Context;
        await Groups.AddToGroupAsync(Context.ConnectionId, Watchers);
        return new { MonitorCrossRefId = monitor.MonitorObject.DeviceObject, monitor.PrivateData };
    }

    public async Task<object> MakeCall(Dial dial)
    {
        NeedsLogin();
        Log.Enqueue($"MakeCall {dial.CallingDevice} {dial.CalledDirectoryNumber} {dial.AutoOriginate}");
        var leg = new Leg("SIP/hpbx-9", "l9", dial.CallingDevice, null, dial.CalledDirectoryNumber);
        var caller = Clients.Caller;
        _ = Task.Run(async () =>
        {
            await Task.Delay(300);
            await caller.SendAsync("Delivered", leg.Tell("Delivered"));
            await Task.Delay(700);
            await caller.SendAsync("Established", leg.Tell("Established"));
        });
        await Task.Yield();
        return new
        {
            CallingDevice = new { CallId = "N/A", DeviceId = dial.CallingDevice },
            CallLinkageData = new { GlobalCallData = new { GlobalCallLinkageId = "N/A" } },
            dial.PrivateData,
        };
    }

    public async Task<object> ClearConnection(HangUp hangUp)
    {
        NeedsLogin();
        var call = hangUp.ConnectionToBeCleared.CallId;
        Log.Enqueue("ClearConnection " + call);
        var leg = new Leg(call, "l9", "22334455", null, null);
        await Clients.Group(Watchers).SendAsync("ConnectionCleared", leg.Tell("ConnectionCleared"));
        return new { hangUp.PrivateData };
    }

    public override Task OnDisconnectedAsync(Exception e)
    {
        Log.Enqueue("disconnected " + (e?.Message ?? "in form"));
        Watching.TryRemove(Context.ConnectionId, out _);
        return Task.CompletedTask;
    }

    void NeedsLogin()
    {
        if (!users.ContainsKey(Context.ConnectionId)) throw new HubException("Not logged in");
    }
}

// Leg is telephone 200's end of a call. To is whom it has called, null if it is called.
public record Leg(string Call, string Link, string From, string Name, string To)
{
    static object Device(string number) => new { DeviceIdentifier = number };

    public object Tell(string what)
    {
        const string monitor = "u-12345678-200";
        var connection = new { CallId = Call, DeviceId = "200" };
        var linkage = new { GlobalCallData = new { GlobalCallLinkageId = Link } };
        var outgoing = To != null;
        var called = Device(To ?? "200");
        var more = new
        {
            CallDirection = outgoing ? "Outbound" : "Inbound",
            IsCstaOriginated = outgoing,
            CstaCallRequestType = outgoing ? "MakeCall" : null,
            LocalStatus = what == "Established" ? "Active" : outgoing ? "Ringing" : "Alerting",
            RemoteUser = To ?? From,
            CallerName = Name,
        };
        switch (what)
        {
            case "Delivered":
                return new { MonitorCrossRefId = monitor, Connection = connection, AlertingDevice = called, CallingDevice = Device(From), CalledDevice = called,
                    LocalConnectionInfo = outgoing ? "connected" : "alerting", Cause = "newCall", CallLinkageData = linkage, PrivateData = more };
            case "Established":
                return new { MonitorCrossRefId = monitor, EstablishedConnection = connection, AnsweringDevice = called, CallingDevice = Device(From), CalledDevice = called,
                    LocalConnectionInfo = "connected", Cause = "normal", CallLinkageData = linkage, PrivateData = more };
            default:
                return new { MonitorCrossRefId = monitor, DroppedConnection = connection, ReleasingDevice = Device(From),
                    LocalConnectionInfo = "null", Cause = "Normal Clearing", CallLinkageData = linkage, PrivateData = (object)null };
        }
    }
}

public class Login
{
    public ApplicationInfo ApplicationInfo { get; set; }
    public int RequestedSessionDuration { get; set; }
}

public class ApplicationInfo
{
    public Credentials ApplicationSpecificInfo { get; set; }
}

public class Credentials
{
    [JsonPropertyName("vendorData:userID")] public string UserId { get; set; }
    [JsonPropertyName("vendorData:password")] public string Password { get; set; }
    [JsonPropertyName("vendorData:pbxDomain")] public string PbxDomain { get; set; }
}

public class RequestIds { public string RequestId { get; set; } }

public class Monitor
{
    public Monitored MonitorObject { get; set; }
    public RequestIds PrivateData { get; set; }
}

public class Monitored { public string DeviceObject { get; set; } }

public class Dial
{
    public string CallingDevice { get; set; }
    public string CalledDirectoryNumber { get; set; }
    public string AutoOriginate { get; set; }
    public RequestIds PrivateData { get; set; }
}

public class HangUp
{
    public ConnectionId ConnectionToBeCleared { get; set; }
    public RequestIds PrivateData { get; set; }
}

public class ConnectionId
{
    public string CallId { get; set; }
    public string DeviceId { get; set; }
}
