// Compiled as the project around asks for it, not as lowbit::cuda is.
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ != 750
#error "lowbit changed the architecture of other code"
#endif
#if __cplusplus > 201703L
#error "lowbit changed the standard of other code"
#endif

__global__ void halve(float* x) { x[threadIdx.x] /= 2.0f; }
