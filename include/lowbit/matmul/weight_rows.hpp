// Quantized matrices as rows of weights: what a product may assume about their codes and parameters.
#pragma once
#include <lowbit/group/blockwise.hpp>
#include <lowbit/group/per_channel.hpp>
#include <lowbit/group/per_tensor.hpp>
#include <lowbit/kernel/dispatch/weight_only.hpp>
#include <lowbit/quantize/quantized.hpp>

#include <algorithm>
#include <array>
#include <type_traits>

namespace lowbit::inline LOWBIT_ABI {

namespace detail {
template <class W>
struct IsWeights : std::false_type {};
template <WeightCodec C, class G, class S>
requires(std::is_same_v<G, Blockwise> || std::is_same_v<G, PerChannel> ||
         std::is_same_v<G, PerTensor>) struct IsWeights<Quantized<C, G, S>> : std::true_type {
};
}  // namespace detail

/// A Quantized that can be multiplied with floats: integers of 4 and 8 bits and tables of 4-bit codes, in
/// blocks, per channel or per tensor.
template <class W>
concept QuantizedWeights = detail::IsWeights<W>::value;

namespace detail {

/// How the parameters of a row follow each other.
struct RowBlocks {
  Index length = 0;  ///< codes per parameter
  Index count = 0;   ///< parameters per row
  Index step = 0;    ///< parameters from one row's first to the next row's
};

inline RowBlocks row_blocks(const PerTensor&, const Shape& shape) { return {shape[1], 1, 0}; }
inline RowBlocks row_blocks(const PerChannel& group, const Shape& shape) {
  require(shape.axis(group.axis) == 0, "weights of shape ", shape, " have scales along axis ", group.axis,
          "; a product takes them along axis 0, one per output");
  return {shape[1], 1, 1};
}
inline RowBlocks row_blocks(const Blockwise& group, const Shape& shape) {
  const Index inputs = shape[1], size = group.block_size;
  if (group.axis) {
    require(shape.axis(*group.axis) == 1, "weights of shape ", shape, " have blocks along axis ", *group.axis,
            "; a product takes them along axis 1, the inputs");
  } else {
    require(inputs % size == 0, "weights of shape ", shape, " are in blocks of ", size,
            "; a product needs blocks that divide the row of ", inputs, " inputs");
  }
  const Index count = inputs / size + (inputs % size != 0 ? 1 : 0);
  return {(std::min)(size, inputs), count, count};
}

/// Checks weights once per call, then passes stretches of rows to the kernels.
template <WeightCodec C>
class WeightMatrix {
 public:
  static constexpr Index fields = static_cast<Index>(kernel::word_fields<C>);
  static constexpr Index chunk = static_cast<Index>(kernel::chunk_codes<C>);
  /// Rows of one `stretch`, and codes of one where parameters have to be copied.
  static constexpr Index together = 8, copied_span = 1024 * fields;

  /// Throws std::invalid_argument for what QuantizedWeights are refused for: see matvec.
  template <class G, class S>
  explicit WeightMatrix(const Quantized<C, G, S>& w)
      : codec_{w.codec()},
        codes_{w.parts().source()},
        scales_{w.parts().scales},
        zero_points_{w.zero_points().data()},
        blocks_{checked(w)},
        outputs_{w.shape()[0]},
        inputs_{w.shape()[1]} {
    const Index words = blocks_.length / fields, lanes = static_cast<Index>(kernel::sum_lanes);
    if (blocks_.count <= 1 || words % lanes == 0) {
      words_ = lanes;
      chunks_ = blocks_.count <= 1 ? std::max<Index>(inputs_, 1) : words / lanes;
    } else if (words == 8 || words == 4) {
      words_ = words;
    } else {
      words_ = 1;
      spread_ = words != 1;
    }
  }

  const C& codec() const noexcept { return codec_; }
  Index outputs() const noexcept { return outputs_; }
  Index inputs() const noexcept { return inputs_; }
  /// Whether a stretch needs a workspace for parameters and is at most copied_span codes.
  bool copies_parameters() const noexcept { return spread_ || !scales_.are_floats(); }

  /// Copies of parameters, for scales that are not floats and for block lengths that kernels do not take.
  struct Workspace {
    std::array<float, static_cast<std::size_t>(together) * 1024> scale;
    std::array<std::int32_t, C::has_zero_point ? static_cast<std::size_t>(together) * 1024 : 1> zero;
  };

  /// f(rows, span) for `count` codes from code `from` on, a whole number of chunks, of `rows` rows.
  template <class F>
  void stretch(Index row, Index rows, Index from, Index count, Workspace& workspace, F&& f) const noexcept {
    kernel::WeightRows w{};
    w.stride = static_cast<std::size_t>(inputs_) * CodeTraits<typename C::Code>::bits / 8;
    w.codes = reinterpret_cast<const std::uint8_t*>(codes_.codes) + static_cast<std::size_t>(row) * w.stride +
              static_cast<std::size_t>(from) * CodeTraits<typename C::Code>::bits / 8;
    w.order = codes_.order;
    kernel::WeightSpan span{static_cast<std::size_t>(count), static_cast<std::size_t>(words_)};
    span.chunks = static_cast<std::size_t>(chunks_);
    span.skipped = static_cast<std::size_t>(from / chunk % chunks_);
    const Index first = row * blocks_.step + from / blocks_.length;
    if (!copies_parameters()) {
      w.scale = scales_.floats() + first;
      w.zero = C::has_zero_point ? zero_points_ + first : workspace.zero.data();
      w.parameter_stride = static_cast<std::size_t>(blocks_.step);
    } else {
      const Index unit = spread_ ? fields : blocks_.length, start = spread_ ? 0 : from % blocks_.length;
      const Index copies = (start + count + unit - 1) / unit;
      for (Index r = 0; r < rows; ++r) {
        const auto to = static_cast<std::size_t>(r * copies);
        if (spread_) {
          for (Index k = 0; k < copies; ++k)
            copy((row + r) * blocks_.step + (from + k * fields) / blocks_.length, 1,
                 to + static_cast<std::size_t>(k), workspace);
        } else {
          copy(first + r * blocks_.step, copies, to, workspace);
        }
      }
      w.scale = workspace.scale.data();
      w.zero = workspace.zero.data();
      w.parameter_stride = static_cast<std::size_t>(copies);
    }
    f(w, span);
  }

 private:
  /// `count` parameters of consecutive blocks.
  void copy(Index first, Index count, std::size_t to, Workspace& workspace) const noexcept {
    const auto from = static_cast<std::size_t>(first), n = static_cast<std::size_t>(count);
    scales_.load(from, n, workspace.scale.data() + to);
    if constexpr (C::has_zero_point) std::copy_n(zero_points_ + from, n, workspace.zero.data() + to);
  }

  template <class G, class S>
  static RowBlocks checked(const Quantized<C, G, S>& w) {
    const Shape& shape = w.shape();
    require(shape.rank() == 2, "weights of shape ", shape, " have rank ", shape.rank(),
            "; a product needs a matrix of [outputs, inputs]");
    require(
        shape.row_major() || shape[0] <= 1 || shape[1] <= 1, "weights of shape ", shape,
        " have their codes in column-major order; a product reads rows: reorder them once with "
        "lowbit::row_major, "
        "or quantize in flat blocks (Blockwise without an axis) or a matrix with the option Eigen::RowMajor");
    require(start_words<typename C::Code>(shape[1]), "weights of shape ", shape, " have ", shape[1],
            " inputs; rows of ", CodeTraits<typename C::Code>::bits,
            "-bit codes need an even number, so that each begins a byte");
    const RowBlocks blocks = row_blocks(w.group(), shape);
    require(blocks.count <= 1 || blocks.length % fields == 0, "weights of shape ", shape,
            " are in blocks of ", blocks.length, "; a product needs blocks of a multiple of ", fields,
            " codes of ", CodeTraits<typename C::Code>::bits, " bits");
    return blocks;
  }

  const C& codec_;
  kernel::CodeSource<typename C::Code> codes_;
  ScalesView scales_;
  const std::int32_t* zero_points_;
  RowBlocks blocks_;
  Index outputs_, inputs_;
  Index words_ = 1, chunks_ = 1;
  bool spread_ = false;
};

}  // namespace detail

}  // namespace lowbit::inline LOWBIT_ABI
