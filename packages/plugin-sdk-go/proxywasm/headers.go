package proxywasm

import "github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/internal/abi"

// Header names are lower case. A map can be reached from its callback until the plugin lets the stream go on.

// GetHttpRequestHeaders returns the request's headers in order.
func GetHttpRequestHeaders() ([][2]string, error) { return abi.Map(abi.MapRequestHeaders) }

// ReplaceHttpRequestHeaders replaces all headers of the request.
func ReplaceHttpRequestHeaders(headers [][2]string) error {
	return abi.SetMap(abi.MapRequestHeaders, headers)
}

// GetHttpRequestHeader returns the first value; ErrorStatusNotFound without one.
func GetHttpRequestHeader(key string) (string, error) {
	return abi.MapValue(abi.MapRequestHeaders, key)
}

// AddHttpRequestHeader adds one more value.
func AddHttpRequestHeader(key, value string) error {
	return abi.AddMapValue(abi.MapRequestHeaders, key, value)
}

// ReplaceHttpRequestHeader leaves this one value.
func ReplaceHttpRequestHeader(key, value string) error {
	return abi.ReplaceMapValue(abi.MapRequestHeaders, key, value)
}

// RemoveHttpRequestHeader removes all values.
func RemoveHttpRequestHeader(key string) error { return abi.RemoveMapValue(abi.MapRequestHeaders, key) }

// GetHttpResponseHeaders returns the response's headers in order.
func GetHttpResponseHeaders() ([][2]string, error) { return abi.Map(abi.MapResponseHeaders) }

// ReplaceHttpResponseHeaders replaces all headers of the response.
func ReplaceHttpResponseHeaders(headers [][2]string) error {
	return abi.SetMap(abi.MapResponseHeaders, headers)
}

// GetHttpResponseHeader returns the first value; ErrorStatusNotFound without one.
func GetHttpResponseHeader(key string) (string, error) {
	return abi.MapValue(abi.MapResponseHeaders, key)
}

// AddHttpResponseHeader adds one more value.
func AddHttpResponseHeader(key, value string) error {
	return abi.AddMapValue(abi.MapResponseHeaders, key, value)
}

// ReplaceHttpResponseHeader leaves this one value.
func ReplaceHttpResponseHeader(key, value string) error {
	return abi.ReplaceMapValue(abi.MapResponseHeaders, key, value)
}

// RemoveHttpResponseHeader removes all values.
func RemoveHttpResponseHeader(key string) error {
	return abi.RemoveMapValue(abi.MapResponseHeaders, key)
}

// GetHttpRequestTrailers returns the request's trailers in order.
func GetHttpRequestTrailers() ([][2]string, error) { return abi.Map(abi.MapRequestTrailers) }

// ReplaceHttpRequestTrailers replaces all trailers of the request.
func ReplaceHttpRequestTrailers(trailers [][2]string) error {
	return abi.SetMap(abi.MapRequestTrailers, trailers)
}

// GetHttpRequestTrailer returns the first value; ErrorStatusNotFound without one.
func GetHttpRequestTrailer(key string) (string, error) {
	return abi.MapValue(abi.MapRequestTrailers, key)
}

// AddHttpRequestTrailer adds one more value.
func AddHttpRequestTrailer(key, value string) error {
	return abi.AddMapValue(abi.MapRequestTrailers, key, value)
}

// ReplaceHttpRequestTrailer leaves this one value.
func ReplaceHttpRequestTrailer(key, value string) error {
	return abi.ReplaceMapValue(abi.MapRequestTrailers, key, value)
}

// RemoveHttpRequestTrailer removes all values.
func RemoveHttpRequestTrailer(key string) error {
	return abi.RemoveMapValue(abi.MapRequestTrailers, key)
}

// GetHttpResponseTrailers returns the response's trailers in order.
func GetHttpResponseTrailers() ([][2]string, error) { return abi.Map(abi.MapResponseTrailers) }

// ReplaceHttpResponseTrailers replaces all trailers of the response.
func ReplaceHttpResponseTrailers(trailers [][2]string) error {
	return abi.SetMap(abi.MapResponseTrailers, trailers)
}

// GetHttpResponseTrailer returns the first value; ErrorStatusNotFound without one.
func GetHttpResponseTrailer(key string) (string, error) {
	return abi.MapValue(abi.MapResponseTrailers, key)
}

// AddHttpResponseTrailer adds one more value.
func AddHttpResponseTrailer(key, value string) error {
	return abi.AddMapValue(abi.MapResponseTrailers, key, value)
}

// ReplaceHttpResponseTrailer leaves this one value.
func ReplaceHttpResponseTrailer(key, value string) error {
	return abi.ReplaceMapValue(abi.MapResponseTrailers, key, value)
}

// RemoveHttpResponseTrailer removes all values.
func RemoveHttpResponseTrailer(key string) error {
	return abi.RemoveMapValue(abi.MapResponseTrailers, key)
}
