export function onRequest() {}
