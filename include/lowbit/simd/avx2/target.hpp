// AVX2, FMA, F16C and BMI, x86-64-v3: Haswell, Zen 1.
#pragma once

#define LOWBIT_FEATURES_avx2 "avx2,fma,f16c,bmi,bmi2,lzcnt,popcnt"
#define LOWBIT_BASE_avx2 avx2
#define LOWBIT_WITH_OWN_WORDS_avx2(...) __VA_ARGS__
#define LOWBIT_KERNELS_avx2 LOWBIT_ALL_KERNELS

#if defined(__AVX2__) && defined(__FMA__) && defined(__F16C__) && defined(__BMI__) && defined(__BMI2__) && \
    defined(__LZCNT__) && defined(__POPCNT__)
#undef LOWBIT_BASELINE_TARGET
#define LOWBIT_BASELINE_TARGET avx2
#endif
