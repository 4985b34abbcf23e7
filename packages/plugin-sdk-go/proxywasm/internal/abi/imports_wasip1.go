//go:build wasip1

package abi

import "unsafe"

//go:wasmimport env proxy_log
func log(level uint32, message unsafe.Pointer, size uint32) Status

//go:wasmimport env proxy_set_tick_period_milliseconds
func setTickPeriod(period uint32) Status

//go:wasmimport env proxy_set_effective_context
func setEffectiveContext(context uint32) Status

//go:wasmimport env proxy_done
func done() Status

//go:wasmimport env proxy_continue_stream
func continueStream(stream uint32) Status

//go:wasmimport env proxy_close_stream
func closeStream(stream uint32) Status

//go:wasmimport env proxy_send_local_response
func sendLocalResponse(code uint32, details unsafe.Pointer, detailsSize uint32, body unsafe.Pointer, bodySize uint32, headers unsafe.Pointer, headersSize uint32, grpcStatus int32) Status

//go:wasmimport env proxy_get_buffer_bytes
func getBufferBytes(buffer, start, max uint32, data, size unsafe.Pointer) Status

//go:wasmimport env proxy_set_buffer_bytes
func setBufferBytes(buffer, start, length uint32, data unsafe.Pointer, size uint32) Status

//go:wasmimport env proxy_get_header_map_pairs
func getMapPairs(kind uint32, data, size unsafe.Pointer) Status

//go:wasmimport env proxy_set_header_map_pairs
func setMapPairs(kind uint32, data unsafe.Pointer, size uint32) Status

//go:wasmimport env proxy_get_header_map_value
func getMapValue(kind uint32, key unsafe.Pointer, keySize uint32, data, size unsafe.Pointer) Status

//go:wasmimport env proxy_add_header_map_value
func addMapValue(kind uint32, key unsafe.Pointer, keySize uint32, value unsafe.Pointer, valueSize uint32) Status

//go:wasmimport env proxy_replace_header_map_value
func replaceMapValue(kind uint32, key unsafe.Pointer, keySize uint32, value unsafe.Pointer, valueSize uint32) Status

//go:wasmimport env proxy_remove_header_map_value
func removeMapValue(kind uint32, key unsafe.Pointer, keySize uint32) Status

//go:wasmimport env proxy_get_property
func getProperty(path unsafe.Pointer, pathSize uint32, data, size unsafe.Pointer) Status

//go:wasmimport env proxy_set_property
func setProperty(path unsafe.Pointer, pathSize uint32, value unsafe.Pointer, valueSize uint32) Status

//go:wasmimport env proxy_define_metric
func defineMetric(kind uint32, name unsafe.Pointer, nameSize uint32, id unsafe.Pointer) Status

//go:wasmimport env proxy_increment_metric
func incrementMetric(id uint32, offset int64) Status

//go:wasmimport env proxy_record_metric
func recordMetric(id uint32, value uint64) Status

//go:wasmimport env proxy_get_metric
func getMetric(id uint32, value unsafe.Pointer) Status

//go:wasmimport env proxy_get_shared_data
func getSharedData(key unsafe.Pointer, keySize uint32, data, size, cas unsafe.Pointer) Status

//go:wasmimport env proxy_set_shared_data
func setSharedData(key unsafe.Pointer, keySize uint32, value unsafe.Pointer, valueSize uint32, cas uint32) Status

//go:wasmimport env proxy_register_shared_queue
func registerQueue(name unsafe.Pointer, nameSize uint32, token unsafe.Pointer) Status

//go:wasmimport env proxy_resolve_shared_queue
func resolveQueue(vmID unsafe.Pointer, vmIDSize uint32, name unsafe.Pointer, nameSize uint32, token unsafe.Pointer) Status

//go:wasmimport env proxy_enqueue_shared_queue
func enqueue(token uint32, data unsafe.Pointer, size uint32) Status

//go:wasmimport env proxy_dequeue_shared_queue
func dequeue(token uint32, data, size unsafe.Pointer) Status

//go:wasmimport env proxy_http_call
func httpCall(upstream unsafe.Pointer, upstreamSize uint32, headers unsafe.Pointer, headersSize uint32, body unsafe.Pointer, bodySize uint32, trailers unsafe.Pointer, trailersSize uint32, timeout uint32, token unsafe.Pointer) Status

//go:wasmimport env proxy_call_foreign_function
func callForeignFunction(name unsafe.Pointer, nameSize uint32, argument unsafe.Pointer, argumentSize uint32, data, size unsafe.Pointer) Status
