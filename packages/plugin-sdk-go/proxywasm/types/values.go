package types

import "errors"

// Action is what a callback wants of the proxy.
type Action uint32

const (
	// ActionContinue lets headers, data or trailers go on.
	ActionContinue Action = 0
	// ActionPause holds them until ResumeHttpRequest, ResumeHttpResponse or a later ActionContinue.
	ActionPause Action = 1
)

// PeerType says who closed a connection.
type PeerType uint32

const (
	PeerTypeUnknown PeerType = 0
	PeerTypeLocal   PeerType = 1
	PeerTypeRemote  PeerType = 2
)

// OnVMStartStatus is the result of OnVMStart; a failed start refuses the configuration.
type OnVMStartStatus bool

const (
	OnVMStartStatusOK     OnVMStartStatus = true
	OnVMStartStatusFailed OnVMStartStatus = false
)

// OnPluginStartStatus is the result of OnPluginStart; a failed start refuses the configuration.
type OnPluginStartStatus bool

const (
	OnPluginStartStatusOK     OnPluginStartStatus = true
	OnPluginStartStatusFailed OnPluginStartStatus = false
)

// What host functions answer instead of success.
var (
	ErrorStatusNotFound    = errors.New("error status returned by host: not found")
	ErrorStatusBadArgument = errors.New("error status returned by host: bad argument")
	// ErrorStatusEmpty is the answer of an empty queue.
	ErrorStatusEmpty = errors.New("error status returned by host: empty")
	// ErrorStatusCasMismatch says that another VM wrote the key first: read it again and retry.
	ErrorStatusCasMismatch = errors.New("error status returned by host: cas mismatch")
	ErrorInternalFailure   = errors.New("error status returned by host: internal failure")
	ErrorUnimplemented     = errors.New("error status returned by host: unimplemented")
)
