// DeviceStatus: the result of a call. Calls return it instead of throwing, because exceptions should not
// cross the boundary of a compiled library.
#pragma once
#include <lowbit/core/temporary.hpp>

#include <cstddef>

namespace lowbit::cuda {

/// How a call went. Calls return it instead of throwing, because a library that others link may not throw
/// across.
enum class StatusCode : unsigned char {
  ok,                ///< no error
  invalid_argument,  ///< refused before anything was launched; the message names the call and the value
  no_device,         ///< there is no usable CUDA device or driver
  cuda_error         ///< an error of the CUDA runtime; the message holds its text
};

/// Success, or what went wrong as text. Copying allocates nothing.
class [[nodiscard]] DeviceStatus {
 public:
  static constexpr std::size_t capacity = 256;  ///< bytes of a message, the final NUL included

  /// Success.
  DeviceStatus() noexcept = default;
  /// A failure; longer messages are cut.
  DeviceStatus(StatusCode code, const char* message) noexcept;

  bool ok() const noexcept { return code_ == StatusCode::ok; }  ///< whether the call succeeded
  StatusCode code() const noexcept { return code_; }            ///< how it went
  /// One line of text that begins with the name of the call; empty when ok.
  const char* message() const& noexcept { return message_; }
  LOWBIT_NOT_OF_TEMPORARIES(message)

 private:
  StatusCode code_ = StatusCode::ok;
  char message_[capacity] = "";
};

}  // namespace lowbit::cuda
