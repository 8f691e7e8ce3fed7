"""Alipay: keys, signatures, the client on the official SDK, the gateway and the verifier of notices."""
