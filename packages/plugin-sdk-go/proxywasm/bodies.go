package proxywasm

import "github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/internal/abi"

// Bodies and TCP data: what Get returns is the current chunk, or all that is held after ActionPause.

// GetHttpRequestBody returns at most maxSize bytes from start on.
func GetHttpRequestBody(start, maxSize int) ([]byte, error) {
	return abi.Buffer(abi.BufferRequestBody, start, maxSize)
}

func AppendHttpRequestBody(data []byte) error  { return abi.AppendBuffer(abi.BufferRequestBody, data) }
func PrependHttpRequestBody(data []byte) error { return abi.PrependBuffer(abi.BufferRequestBody, data) }
func ReplaceHttpRequestBody(data []byte) error { return abi.ReplaceBuffer(abi.BufferRequestBody, data) }

// GetHttpResponseBody returns at most maxSize bytes from start on.
func GetHttpResponseBody(start, maxSize int) ([]byte, error) {
	return abi.Buffer(abi.BufferResponseBody, start, maxSize)
}

func AppendHttpResponseBody(data []byte) error { return abi.AppendBuffer(abi.BufferResponseBody, data) }
func PrependHttpResponseBody(data []byte) error {
	return abi.PrependBuffer(abi.BufferResponseBody, data)
}
func ReplaceHttpResponseBody(data []byte) error {
	return abi.ReplaceBuffer(abi.BufferResponseBody, data)
}

// GetDownstreamData returns at most maxSize bytes from start on.
func GetDownstreamData(start, maxSize int) ([]byte, error) {
	return abi.Buffer(abi.BufferDownstreamData, start, maxSize)
}

func AppendDownstreamData(data []byte) error { return abi.AppendBuffer(abi.BufferDownstreamData, data) }
func PrependDownstreamData(data []byte) error {
	return abi.PrependBuffer(abi.BufferDownstreamData, data)
}
func ReplaceDownstreamData(data []byte) error {
	return abi.ReplaceBuffer(abi.BufferDownstreamData, data)
}

// GetUpstreamData returns at most maxSize bytes from start on.
func GetUpstreamData(start, maxSize int) ([]byte, error) {
	return abi.Buffer(abi.BufferUpstreamData, start, maxSize)
}

func AppendUpstreamData(data []byte) error  { return abi.AppendBuffer(abi.BufferUpstreamData, data) }
func PrependUpstreamData(data []byte) error { return abi.PrependBuffer(abi.BufferUpstreamData, data) }
func ReplaceUpstreamData(data []byte) error { return abi.ReplaceBuffer(abi.BufferUpstreamData, data) }
