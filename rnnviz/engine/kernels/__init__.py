"""Kernels: faster ways to a layer's signals than step by step; `select_kernel` takes one."""
