export default { onRequest( };
