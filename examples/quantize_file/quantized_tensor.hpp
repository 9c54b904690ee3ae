// One interface to quantized tensors of any codec and group, so that commands need not know the type.
#pragma once
#include <lowbit/io/bundle.hpp>
#include <lowbit/quantize/error.hpp>

#include <memory>
#include <string>
#include <variant>

namespace quantize_file {

using Floats = lowbit::View<const float>;
using Doubles = lowbit::View<const double>;
/// Elements as the library takes them: doubles stay doubles, all other types are floats.
using Reals = std::variant<Floats, Doubles>;

class QuantizedTensor {
 public:
  virtual ~QuantizedTensor() = default;
  virtual const lowbit::Shape& shape() const = 0;
  virtual std::size_t bytes() const = 0;
  virtual lowbit::ErrorReport error(const Reals& original) const = 0;
  virtual void dequantize_into(const lowbit::View<float>& y) const = 0;
  /// Adds it to a file in lowbit's layout. It must outlive the bundle.
  virtual void add(lowbit::io::Bundle& bundle, const std::string& name) const = 0;
  /// Adds it in the layout of bitsandbytes, which decodes it to `dtype`; false if that layout cannot hold it.
  virtual bool add_bitsandbytes(lowbit::io::Bundle& bundle, const std::string& name,
                                lowbit::io::Dtype dtype) const = 0;
};
using QuantizedPtr = std::unique_ptr<QuantizedTensor>;

}  // namespace quantize_file
