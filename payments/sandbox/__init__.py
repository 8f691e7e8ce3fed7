"""The local Alipay gateway: the real protocol with real RSA2 signatures, in a process of its own, with invented money."""
