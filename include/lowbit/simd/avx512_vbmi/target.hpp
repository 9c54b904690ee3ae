// AVX-512 with VBMI and VBMI2, for codebooks: Ice Lake, Zen 4.
#pragma once

#define LOWBIT_FEATURES_avx512_vbmi \
  "avx512vbmi,avx512vbmi2,avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c,bmi,bmi2,lzcnt,popcnt"
#define LOWBIT_BASE_avx512_vbmi avx512
#define LOWBIT_WITH_OWN_WORDS_avx512_vbmi(...)
#define LOWBIT_KERNELS_avx512_vbmi LOWBIT_CODEBOOK_KERNELS

#if defined(__AVX512VBMI__) && defined(__AVX512VBMI2__) && defined(__AVX512F__) && defined(__AVX512BW__) && \
    defined(__AVX512VL__) && defined(__AVX512DQ__) && defined(__AVX512VNNI__) && defined(__AVX2__) &&       \
    defined(__FMA__) && defined(__F16C__) && defined(__BMI__) && defined(__BMI2__) && defined(__LZCNT__) && \
    defined(__POPCNT__)
#undef LOWBIT_BASELINE_TARGET
#define LOWBIT_BASELINE_TARGET avx512_vbmi
#endif
