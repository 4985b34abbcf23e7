//go:build !wasip1

package abi

import "unsafe"

// Outside of Wasm there is no host: what tests on the developer's machine call answers Unimplemented.

func log(level uint32, message unsafe.Pointer, size uint32) Status { return statusUnimplemented }

func setTickPeriod(period uint32) Status { return statusUnimplemented }

func setEffectiveContext(context uint32) Status { return statusUnimplemented }

func done() Status { return statusUnimplemented }

func continueStream(stream uint32) Status { return statusUnimplemented }

func closeStream(stream uint32) Status { return statusUnimplemented }

func sendLocalResponse(code uint32, details unsafe.Pointer, detailsSize uint32, body unsafe.Pointer, bodySize uint32, headers unsafe.Pointer, headersSize uint32, grpcStatus int32) Status {
	return statusUnimplemented
}

func getBufferBytes(buffer, start, max uint32, data, size unsafe.Pointer) Status {
	return statusUnimplemented
}

func setBufferBytes(buffer, start, length uint32, data unsafe.Pointer, size uint32) Status {
	return statusUnimplemented
}

func getMapPairs(kind uint32, data, size unsafe.Pointer) Status { return statusUnimplemented }

func setMapPairs(kind uint32, data unsafe.Pointer, size uint32) Status { return statusUnimplemented }

func getMapValue(kind uint32, key unsafe.Pointer, keySize uint32, data, size unsafe.Pointer) Status {
	return statusUnimplemented
}

func addMapValue(kind uint32, key unsafe.Pointer, keySize uint32, value unsafe.Pointer, valueSize uint32) Status {
	return statusUnimplemented
}

func replaceMapValue(kind uint32, key unsafe.Pointer, keySize uint32, value unsafe.Pointer, valueSize uint32) Status {
	return statusUnimplemented
}

func removeMapValue(kind uint32, key unsafe.Pointer, keySize uint32) Status {
	return statusUnimplemented
}

func getProperty(path unsafe.Pointer, pathSize uint32, data, size unsafe.Pointer) Status {
	return statusUnimplemented
}

func setProperty(path unsafe.Pointer, pathSize uint32, value unsafe.Pointer, valueSize uint32) Status {
	return statusUnimplemented
}

func defineMetric(kind uint32, name unsafe.Pointer, nameSize uint32, id unsafe.Pointer) Status {
	return statusUnimplemented
}

func incrementMetric(id uint32, offset int64) Status { return statusUnimplemented }

func recordMetric(id uint32, value uint64) Status { return statusUnimplemented }

func getMetric(id uint32, value unsafe.Pointer) Status { return statusUnimplemented }

func getSharedData(key unsafe.Pointer, keySize uint32, data, size, cas unsafe.Pointer) Status {
	return statusUnimplemented
}

func setSharedData(key unsafe.Pointer, keySize uint32, value unsafe.Pointer, valueSize uint32, cas uint32) Status {
	return statusUnimplemented
}

func registerQueue(name unsafe.Pointer, nameSize uint32, token unsafe.Pointer) Status {
	return statusUnimplemented
}

func resolveQueue(vmID unsafe.Pointer, vmIDSize uint32, name unsafe.Pointer, nameSize uint32, token unsafe.Pointer) Status {
	return statusUnimplemented
}

func enqueue(token uint32, data unsafe.Pointer, size uint32) Status { return statusUnimplemented }

func dequeue(token uint32, data, size unsafe.Pointer) Status { return statusUnimplemented }

func httpCall(upstream unsafe.Pointer, upstreamSize uint32, headers unsafe.Pointer, headersSize uint32, body unsafe.Pointer, bodySize uint32, trailers unsafe.Pointer, trailersSize uint32, timeout uint32, token unsafe.Pointer) Status {
	return statusUnimplemented
}

func callForeignFunction(name unsafe.Pointer, nameSize uint32, argument unsafe.Pointer, argumentSize uint32, data, size unsafe.Pointer) Status {
	return statusUnimplemented
}
