// Reads, adds, replaces and removes headers of both directions, and logs what it sees.
package main

import (
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm"
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/types"
)

func main() {}

func init() {
	proxywasm.SetHttpContext(func(uint32) types.HttpContext { return &stream{} })
}

type stream struct{ types.DefaultHttpContext }

func (*stream) OnHttpRequestHeaders(count int, end bool) types.Action {
	proxywasm.LogInfof("request: %d headers, end %v", count, end)
	list("request", proxywasm.GetHttpRequestHeaders)
	value, err := proxywasm.GetHttpRequestHeader("x-multi")
	proxywasm.LogInfof("x-multi: %q %v", value, err)
	value, err = proxywasm.GetHttpRequestHeader("HOST")
	proxywasm.LogInfof("HOST: %q %v", value, err)
	check("add", proxywasm.AddHttpRequestHeader("X-Added", "one"))
	check("add again", proxywasm.AddHttpRequestHeader("x-added", "two"))
	check("add inline", proxywasm.AddHttpRequestHeader("user-agent", "plugin"))
	check("replace", proxywasm.ReplaceHttpRequestHeader("x-multi", "only"))
	check("replace new", proxywasm.ReplaceHttpRequestHeader("x-new", ""))
	check("remove", proxywasm.RemoveHttpRequestHeader("x-remove"))
	check("remove absent", proxywasm.RemoveHttpRequestHeader("x-absent"))
	check("response map", proxywasm.AddHttpResponseHeader("x-early", "1"))
	if mode, _ := proxywasm.GetHttpRequestHeader("x-mode"); mode == "replace-all" {
		path, _ := proxywasm.GetHttpRequestHeader(":path")
		check("replace all", proxywasm.ReplaceHttpRequestHeaders([][2]string{
			{":method", "PUT"}, {":path", path + "/all"}, {":authority", "all.example"},
			{":scheme", "http"}, {"x-b", "2"}, {"x-a", "1"}, {"X-B", "3"},
		}))
	} else if mode == "no-method" {
		check("remove method", proxywasm.RemoveHttpRequestHeader(":method"))
	} else if mode == "no-path" {
		check("remove path", proxywasm.RemoveHttpRequestHeader(":path"))
	}
	return types.ActionContinue
}

func (*stream) OnHttpResponseHeaders(count int, end bool) types.Action {
	proxywasm.LogInfof("response: %d headers, end %v", count, end)
	list("response", proxywasm.GetHttpResponseHeaders)
	value, err := proxywasm.GetHttpRequestHeader(":path")
	proxywasm.LogInfof("request path now: %q %v", value, err)
	check("write to request", proxywasm.AddHttpRequestHeader("x-late", "1"))
	check("add", proxywasm.AddHttpResponseHeader("x-added", "one"))
	check("add", proxywasm.AddHttpResponseHeader("x-added", "two"))
	check("replace", proxywasm.ReplaceHttpResponseHeader("content-type", "text/x-plugin"))
	check("remove", proxywasm.RemoveHttpResponseHeader("x-remove"))
	if status, _ := proxywasm.GetHttpResponseHeader(":status"); status == "201" {
		check("status", proxywasm.ReplaceHttpResponseHeader(":status", "202"))
	}
	if _, err := proxywasm.GetHttpResponseHeader("x-drop-status"); err == nil {
		check("remove status", proxywasm.RemoveHttpResponseHeader(":status"))
	}
	return types.ActionContinue
}

func (*stream) OnHttpStreamDone() {
	value, err := proxywasm.GetHttpRequestHeader(":path")
	proxywasm.LogInfof("log: path %q %v", value, err)
	value, err = proxywasm.GetHttpResponseHeader(":status")
	proxywasm.LogInfof("log: status %q %v", value, err)
	check("log: write", proxywasm.AddHttpResponseHeader("x-log", "1"))
}

func list(what string, get func() ([][2]string, error)) {
	pairs, err := get()
	if err != nil {
		proxywasm.LogErrorf("%s: %v", what, err)
	}
	for _, pair := range pairs {
		proxywasm.LogInfof("%s %s: %s", what, pair[0], pair[1])
	}
}

func check(what string, err error) {
	if err != nil {
		proxywasm.LogWarnf("%s: %v", what, err)
	}
}
