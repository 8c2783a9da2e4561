// Package pbxsim is a simulated PBX with the uni-tel CSTA gateways, for tests, demonstrations and
// development without an account.
package pbxsim
