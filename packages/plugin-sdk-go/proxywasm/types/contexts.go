// Package types holds what plugins implement and what they return.
//
// A module sets one VMContext. It makes a PluginContext for each configured plugin, which makes an
// HttpContext for each HTTP stream or a TcpContext for each connection. Embed the Default type of a
// context to implement only the callbacks that a plugin needs.
package types

// VMContext stands for one instance of the module.
type VMContext interface {
	// OnVMStart is called once for each plugin that starts in the VM; GetVMConfiguration gives the
	// configuration, whose size is in bytes.
	OnVMStart(vmConfigurationSize int) OnVMStartStatus
	// NewPluginContext makes the context of one plugin.
	NewPluginContext(contextID uint32) PluginContext
}

// PluginContext stands for one plugin of the configuration.
type PluginContext interface {
	// OnPluginStart is called with the size of what GetPluginConfiguration gives during this call.
	OnPluginStart(pluginConfigurationSize int) OnPluginStartStatus
	// OnPluginDone is called when the plugin ends. After false the plugin lives until it calls PluginDone.
	OnPluginDone() bool
	// OnQueueReady is called once for each item of a queue that this plugin registered. Another VM may
	// have taken the item meanwhile.
	OnQueueReady(queueID uint32)
	// OnTick is called in the period set by SetTickPeriodMilliSeconds.
	OnTick()
	// NewTcpContext makes the context of a connection; nil from plugins for HTTP.
	NewTcpContext(contextID uint32) TcpContext
	// NewHttpContext makes the context of a stream; nil from plugins for TCP.
	NewHttpContext(contextID uint32) HttpContext
}

// HttpContext stands for one HTTP stream.
type HttpContext interface {
	// OnHttpRequestHeaders is called with the number of header lines, pseudo headers included.
	OnHttpRequestHeaders(numHeaders int, endOfStream bool) Action
	// OnHttpRequestBody is called for each chunk; after ActionPause bodySize counts all that is held.
	OnHttpRequestBody(bodySize int, endOfStream bool) Action
	OnHttpRequestTrailers(numTrailers int) Action
	OnHttpResponseHeaders(numHeaders int, endOfStream bool) Action
	// OnHttpResponseBody follows the rule of OnHttpRequestBody.
	OnHttpResponseBody(bodySize int, endOfStream bool) Action
	OnHttpResponseTrailers(numTrailers int) Action
	// OnHttpStreamDone is called when the stream is logged, while its headers can still be read.
	OnHttpStreamDone()
}

// TcpContext stands for one connection.
type TcpContext interface {
	OnNewConnection() Action
	OnDownstreamData(dataSize int, endOfStream bool) Action
	OnDownstreamClose(peerType PeerType)
	OnUpstreamData(dataSize int, endOfStream bool) Action
	OnUpstreamClose(peerType PeerType)
	OnStreamDone()
}

// DefaultVMContext starts, and makes plugins that do nothing.
type DefaultVMContext struct{}

func (*DefaultVMContext) OnVMStart(int) OnVMStartStatus { return OnVMStartStatusOK }
func (*DefaultVMContext) NewPluginContext(uint32) PluginContext {
	return &DefaultPluginContext{}
}

// DefaultPluginContext starts, and handles no streams.
type DefaultPluginContext struct{}

func (*DefaultPluginContext) OnPluginStart(int) OnPluginStartStatus { return OnPluginStartStatusOK }
func (*DefaultPluginContext) OnPluginDone() bool                    { return true }
func (*DefaultPluginContext) OnQueueReady(uint32)                   {}
func (*DefaultPluginContext) OnTick()                               {}
func (*DefaultPluginContext) NewTcpContext(uint32) TcpContext       { return nil }
func (*DefaultPluginContext) NewHttpContext(uint32) HttpContext     { return nil }

// DefaultHttpContext lets everything pass.
type DefaultHttpContext struct{}

func (*DefaultHttpContext) OnHttpRequestHeaders(int, bool) Action  { return ActionContinue }
func (*DefaultHttpContext) OnHttpRequestBody(int, bool) Action     { return ActionContinue }
func (*DefaultHttpContext) OnHttpRequestTrailers(int) Action       { return ActionContinue }
func (*DefaultHttpContext) OnHttpResponseHeaders(int, bool) Action { return ActionContinue }
func (*DefaultHttpContext) OnHttpResponseBody(int, bool) Action    { return ActionContinue }
func (*DefaultHttpContext) OnHttpResponseTrailers(int) Action      { return ActionContinue }
func (*DefaultHttpContext) OnHttpStreamDone()                      {}

// DefaultTcpContext lets everything pass.
type DefaultTcpContext struct{}

func (*DefaultTcpContext) OnNewConnection() Action           { return ActionContinue }
func (*DefaultTcpContext) OnDownstreamData(int, bool) Action { return ActionContinue }
func (*DefaultTcpContext) OnDownstreamClose(PeerType)        {}
func (*DefaultTcpContext) OnUpstreamData(int, bool) Action   { return ActionContinue }
func (*DefaultTcpContext) OnUpstreamClose(PeerType)          {}
func (*DefaultTcpContext) OnStreamDone()                     {}
