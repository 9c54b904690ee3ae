// Instruction sets: which exist, which this machine has, and which one is active.
#pragma once
#include <lowbit/core/contract.hpp>
#include <lowbit/simd/processor.hpp>

#include <cstdlib>
#include <cstring>
#include <iterator>
#include <string_view>

namespace lowbit::inline LOWBIT_ABI::simd {

#define LOWBIT_NAME_ISA(target, ...) target,
/// The targets of the table, including those of other architectures.
enum class Isa : unsigned char { LOWBIT_ALL_TARGETS(LOWBIT_NAME_ISA) };
#undef LOWBIT_NAME_ISA

#define LOWBIT_NAME_ISA(target, ...) Isa::target,
/// The levels for which the program has kernels, worst first.
inline constexpr Isa compiled[] = {LOWBIT_TARGETS(LOWBIT_NAME_ISA)};
#undef LOWBIT_NAME_ISA

constexpr std::string_view name(Isa isa) noexcept {
#define LOWBIT_NAME_ISA(target, ...) #target,
  constexpr std::string_view names[] = {LOWBIT_ALL_TARGETS(LOWBIT_NAME_ISA)};
#undef LOWBIT_NAME_ISA
  return names[static_cast<int>(isa)];
}

namespace detail {
/// The compiled levels that this machine has.
struct Machine {
  bool has[std::size(compiled)] = {};
  Isa best = compiled[0];
};
LOWBIT_NOINLINE inline Machine detect() noexcept {
#define LOWBIT_FEATURES_OF_ISA(target, ...) needed_for("" LOWBIT_TARGET_FACT(FEATURES, target)),
  constexpr Features needed[] = {LOWBIT_TARGETS(LOWBIT_FEATURES_OF_ISA)};
#undef LOWBIT_FEATURES_OF_ISA
  const Features there = processor();
  Machine m;
  for (std::size_t k = 0; k < std::size(compiled); ++k)
    if ((m.has[k] = there.has(needed[k]))) m.best = compiled[k];
  return m;
}
inline const Machine& machine() noexcept {
  static const Machine m = detect();
  return m;
}
}  // namespace detail

/// The best level of this machine.
inline Isa best() noexcept { return detail::machine().best; }
/// Whether the machine has this level and the program has kernels for it.
inline bool available(Isa isa) noexcept {
  for (std::size_t k = 0; k < std::size(compiled); ++k)
    if (compiled[k] == isa) return detail::machine().has[k];
  return false;
}

namespace detail {
/// The level that LOWBIT_ISA names, or the best one where it is unset or empty.
struct Choice {
  Isa isa = Isa::scalar;
  char refused[24] = "";  ///< the beginning of a value that names no level of this machine
};
LOWBIT_NOINLINE inline Choice choose(const char* wanted) noexcept {
  Choice choice{best()};
  if (wanted == nullptr || *wanted == '\0') return choice;
  for (Isa i : compiled)
    if (wanted == name(i) && available(i)) return {i};
  std::strncpy(choice.refused, wanted, sizeof choice.refused - 1);
  return choice;
}
inline const Choice& choice() noexcept {
  static const Choice c = choose(std::getenv("LOWBIT_ISA"));
  return c;
}

/// The names of the levels of this machine, for messages.
struct AvailableLevels {
  void append_to(lowbit::detail::Message& message) const noexcept {
    for (Isa i : compiled) {
      if (!available(i)) continue;
      if (i != compiled[0]) message.add(std::string_view(", "));
      message.add(name(i));
    }
  }
};
[[noreturn]] LOWBIT_COLD inline void refuse() {
  lowbit::detail::fail("LOWBIT_ISA=", std::string_view(choice().refused),
                       " is not available, the levels of this machine are ", AvailableLevels{});
}
}  // namespace detail

/// The active level: the one named by the environment variable LOWBIT_ISA at the first call, or the best one
/// where that is unset or empty. Throws std::invalid_argument, at every call, when the machine lacks the
/// named level. Results do not depend on the level.
inline Isa active() {
  const detail::Choice& choice = detail::choice();
  if (choice.refused[0] != '\0') [[unlikely]]
    detail::refuse();
  return choice.isa;
}

}  // namespace lowbit::inline LOWBIT_ABI::simd
