package text

// StepAccount is the first step of the self-test, in English: a key of the translations.
const StepAccount = "The account and its password are there"

// StepNames are the steps of a session's own check (cstasession.Step), in English: keys of the translations.
var StepNames = map[string]string{
	"proxy":       "The way through this network is known",
	"address":     "The server's name is known",
	"connection":  "The server can be reached",
	"certificate": "The server is the right one",
	"negotiation": "There is a gateway at the address",
	"transport":   "Calls can be told over this connection",
	"login":       "The PBX accepts the login",
	"monitor":     "The PBX tells of this extension's calls",
	"call":        "A call was placed, seen and hung up",
}
