// AVX-512 F, BW, VL, DQ and VNNI: Cascade Lake.
#pragma once

#define LOWBIT_FEATURES_avx512 \
  "avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c,bmi,bmi2,lzcnt,popcnt"
#define LOWBIT_BASE_avx512 avx512
#define LOWBIT_WITH_OWN_WORDS_avx512(...) __VA_ARGS__
#define LOWBIT_KERNELS_avx512 LOWBIT_ALL_KERNELS

#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512VL__) && defined(__AVX512DQ__) && \
    defined(__AVX512VNNI__) && defined(__AVX2__) && defined(__FMA__) && defined(__F16C__) &&           \
    defined(__BMI__) && defined(__BMI2__) && defined(__LZCNT__) && defined(__POPCNT__)
#undef LOWBIT_BASELINE_TARGET
#define LOWBIT_BASELINE_TARGET avx512
#endif
