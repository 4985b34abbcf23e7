//go:build wasip1

package plugin

import (
	"unsafe"

	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/internal/abi"
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/types"
)

// The callbacks of ABI 0.2.0. A context that the host never created is a fault of the host: it panics.

//go:wasmexport proxy_abi_version_0_2_0
func abiVersion() {}

//go:wasmexport proxy_on_memory_allocate
func onMemoryAllocate(size uint32) unsafe.Pointer { return abi.AllocateBlock(size) }

//go:wasmexport proxy_on_context_create
func onContextCreate(contextID, pluginID uint32) {
	current = contextID
	if pluginID == 0 {
		createPlugin(contextID)
	} else {
		createStream(contextID, pluginID)
	}
}

//go:wasmexport proxy_on_vm_start
func onVMStart(_, size uint32) uint32 { return flag(bool(vm.OnVMStart(int(size)))) }

//go:wasmexport proxy_on_configure
func onConfigure(pluginID, size uint32) uint32 {
	current = pluginID
	return flag(bool(plugins[pluginID].context.OnPluginStart(int(size))))
}

//go:wasmexport proxy_on_tick
func onTick(pluginID uint32) {
	current = pluginID
	plugins[pluginID].context.OnTick()
}

//go:wasmexport proxy_on_queue_ready
func onQueueReady(pluginID, queueID uint32) {
	current = pluginID
	plugins[pluginID].context.OnQueueReady(queueID)
}

//go:wasmexport proxy_on_http_call_response
func onCallResponse(pluginID, token, numHeaders, bodySize, numTrailers uint32) {
	onHTTPCallResponse(pluginID, token, int(numHeaders), int(bodySize), int(numTrailers))
}

//go:wasmexport proxy_on_request_headers
func onRequestHeaders(contextID, count, end uint32) uint32 {
	return uint32(http(contextID).OnHttpRequestHeaders(int(count), end != 0))
}

//go:wasmexport proxy_on_request_body
func onRequestBody(contextID, size, end uint32) uint32 {
	return uint32(http(contextID).OnHttpRequestBody(int(size), end != 0))
}

//go:wasmexport proxy_on_request_trailers
func onRequestTrailers(contextID, count uint32) uint32 {
	return uint32(http(contextID).OnHttpRequestTrailers(int(count)))
}

//go:wasmexport proxy_on_response_headers
func onResponseHeaders(contextID, count, end uint32) uint32 {
	return uint32(http(contextID).OnHttpResponseHeaders(int(count), end != 0))
}

//go:wasmexport proxy_on_response_body
func onResponseBody(contextID, size, end uint32) uint32 {
	return uint32(http(contextID).OnHttpResponseBody(int(size), end != 0))
}

//go:wasmexport proxy_on_response_trailers
func onResponseTrailers(contextID, count uint32) uint32 {
	return uint32(http(contextID).OnHttpResponseTrailers(int(count)))
}

//go:wasmexport proxy_on_new_connection
func onNewConnection(contextID uint32) uint32 {
	return uint32(tcp(contextID).OnNewConnection())
}

//go:wasmexport proxy_on_downstream_data
func onDownstreamData(contextID, size, end uint32) uint32 {
	return uint32(tcp(contextID).OnDownstreamData(int(size), end != 0))
}

//go:wasmexport proxy_on_upstream_data
func onUpstreamData(contextID, size, end uint32) uint32 {
	return uint32(tcp(contextID).OnUpstreamData(int(size), end != 0))
}

//go:wasmexport proxy_on_downstream_connection_close
func onDownstreamClose(contextID, peer uint32) {
	tcp(contextID).OnDownstreamClose(types.PeerType(peer))
}

//go:wasmexport proxy_on_upstream_connection_close
func onUpstreamClose(contextID, peer uint32) {
	tcp(contextID).OnUpstreamClose(types.PeerType(peer))
}

//go:wasmexport proxy_on_log
func onLog(contextID uint32) {
	current = contextID
	if stream, ok := httpStreams[contextID]; ok {
		stream.context.OnHttpStreamDone()
	} else if stream, ok := tcpStreams[contextID]; ok {
		stream.context.OnStreamDone()
	}
}

//go:wasmexport proxy_on_done
func onContextDone(contextID uint32) uint32 {
	current = contextID
	return flag(onDone(contextID))
}

//go:wasmexport proxy_on_delete
func onContextDelete(contextID uint32) { onDelete(contextID) }

func http(contextID uint32) types.HttpContext {
	current = contextID
	return httpStreams[contextID].context
}

func tcp(contextID uint32) types.TcpContext {
	current = contextID
	return tcpStreams[contextID].context
}

func flag(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}
