package proxywasm

import (
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/internal/abi"
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/internal/plugin"
)

// DispatchHttpCall sends a request to a cluster. headers need :method, :path and :authority. The
// callback gets the numbers of headers and trailers and the body's size, all 0 when the call failed;
// it runs on behalf of the context that made the call, unless that stream has ended meanwhile.
func DispatchHttpCall(
	cluster string,
	headers [][2]string,
	body []byte,
	trailers [][2]string,
	timeoutMillisecond uint32,
	callBack func(numHeaders, bodySize, numTrailers int),
) (calloutID uint32, err error) {
	calloutID, err = abi.HTTPCall(cluster, headers, body, trailers, timeoutMillisecond)
	if err == nil {
		plugin.ExpectAnswer(calloutID, callBack)
	}
	return calloutID, err
}

// GetHttpCallResponseHeaders works inside the callback of DispatchHttpCall, like the next two.
func GetHttpCallResponseHeaders() ([][2]string, error) { return abi.Map(abi.MapCallResponseHeaders) }

func GetHttpCallResponseBody(start, maxSize int) ([]byte, error) {
	return abi.Buffer(abi.BufferCallResponseBody, start, maxSize)
}

func GetHttpCallResponseTrailers() ([][2]string, error) {
	return abi.Map(abi.MapCallResponseTrailers)
}

// CallForeignFunction calls a function of the host that is no part of the ABI.
func CallForeignFunction(funcName string, param []byte) (ret []byte, err error) {
	return abi.CallForeignFunction(funcName, param)
}
