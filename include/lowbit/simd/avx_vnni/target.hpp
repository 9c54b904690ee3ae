// AVX2 with AVX-VNNI, for integer products: Alder Lake, Zen 5. AVX-512 encodes the same instructions
// differently.
#pragma once

#define LOWBIT_FEATURES_avx_vnni "avxvnni,avx2,fma,f16c,bmi,bmi2,lzcnt,popcnt"
#define LOWBIT_BASE_avx_vnni avx2
#define LOWBIT_WITH_OWN_WORDS_avx_vnni(...)
#define LOWBIT_KERNELS_avx_vnni LOWBIT_PRODUCT_KERNELS

#if defined(__AVXVNNI__) && defined(__AVX2__) && defined(__FMA__) && defined(__F16C__) && \
    defined(__BMI__) && defined(__BMI2__) && defined(__LZCNT__) && defined(__POPCNT__)
#undef LOWBIT_BASELINE_TARGET
#define LOWBIT_BASELINE_TARGET avx_vnni
#endif
