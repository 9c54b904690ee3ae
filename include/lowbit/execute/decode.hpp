// Decodes tensors into memory of any arrangement.
#pragma once
#include <lowbit/core/threads.hpp>
#include <lowbit/execute/code_storage.hpp>
#include <lowbit/execute/pieces.hpp>
#include <lowbit/execute/transpose_tiles.hpp>
#include <lowbit/scale/encoded.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace lowbit::inline LOWBIT_ABI::detail {

/// Decodes a tensor. Refers to its parts, so it must not outlive them.
template <Codec C, Group G>
class Decoder {
 public:
  using Code = typename C::Code;

  template <ScaleFormat S>
  explicit Decoder(const Encoded<C, G, S>& parts) noexcept
      : codec_{parts.codec},
        group_{parts.group},
        codes_{parts.source()},
        scales_{parts.scales},
        zero_points_{parts.zero_points.data()} {}

  /// Decodes the whole tensor. `layout` is that of the codes.
  template <class T>
  void into(const View<T>& y, const Layout& layout) const {
    switch (y.placement(layout.shape.order())) {
      case Placement::dense:
        return into_dense(y, layout);
      case Placement::columns:
        return into_columns(y, layout);
      case Placement::strided:
        return run_by_run(y, layout);
    }
  }

  /// Decodes one run.
  template <class T>
  void run(const Run& piece, T* y) const noexcept {
    if (SharedRuns<G> || piece.group_step == 0)
      return decode_run(codec_, codes_, piece.offset, piece.count, parameters(piece.group), y);
    if constexpr (!SharedRuns<G>) {
      for (Index i = 0; i < piece.count; ++i) {
        const Parameters p = parameters(piece.group + i * piece.group_step);
        simd::scalar::store(y + i, {codec_.decode(codes_[static_cast<std::size_t>(piece.offset + i)], p)});
      }
    }
  }

 private:
  Parameters parameters(Index g) const noexcept {
    const auto i = static_cast<std::size_t>(g);
    return {C::scaled ? scales_[i] : 1.0f,
            C::has_zero_point ? zero_points_[i] : kernel::constant_zero_point<C>()};
  }

  template <class T>
  LOWBIT_COLD void run_by_run(const View<T>& y, const Layout& layout) const {
    Writer<T> writer(y, layout.shape.order());
    group_.for_each_run(layout.shape, [&](const Run& whole) {
      for_each_piece(whole, writer.limit(), [&](const Run& piece) {
        run(piece, writer.target(piece.offset));
        writer.flush(piece.offset, piece.count);
      });
    });
  }

  /// Decodes into dense memory, by several threads where a kernel handles many groups at a time.
  template <class T>
  void into_dense(const View<T>& to, const Layout& layout) const {
    T* const y = to.data;
    const Index n = layout.shape.size(), length = layout.length, groups = layout.groups;
    const bool stream = may_stream(y, static_cast<std::size_t>(n) * sizeof(T));
    switch (layout.arrangement) {
      case Arrangement::empty:
        return;
      case Arrangement::one_group:
      case Arrangement::contiguous: {
        const bool one_group = layout.arrangement == Arrangement::one_group;
        const Index unit = one_group ? 1 : length;
        const bool whole_lines = one_group || length % static_cast<Index>(stream_alignment / sizeof(T)) == 0;
        return in_parts(parts_of(n), one_group ? n : groups, one_group ? 64 : 1,
                        [&](int, Index first, Index last) {
                          const Index from = first * unit, count = (std::min)(last * unit, n) - from;
                          blocks(from, count, one_group ? count : length, one_group ? 0 : first, y + from,
                                 stream && whole_lines);
                        });
      }
      case Arrangement::interleaved:
        if constexpr (C::scaled && !SharedRuns<G>) {
          if (!scales_.are_floats()) break;
          const kernel::ParameterArrays p{scales_.floats(), nullptr, zero_points_};
          return in_parts(parts_of(n), n / groups, 1, [&](int, Index first, Index last) {
            backend::Cpu::decode_rows(codec_, codes_.from(static_cast<std::size_t>(first * groups)),
                                      static_cast<std::size_t>(last - first),
                                      static_cast<std::size_t>(groups), p, y + first * groups);
          });
        }
        break;
      case Arrangement::general:
        break;
    }
    run_by_run(to, layout);
  }

  /// Decodes row-major codes into a column-major matrix, in tiles that are transposed in the cache.
  template <class T>
  void into_columns(const View<T>& y, const Layout& layout) const {
    const Index columns = layout.shape[1], length = layout.length;
    switch (layout.arrangement) {
      case Arrangement::empty:
        return;
      case Arrangement::one_group:
        if (!start_words<Code>(columns)) break;
        return tiles_of_blocks(y, layout, codes_per_word<Code>);
      case Arrangement::contiguous:
        if (columns % length == 0) {
          if (tile_rows_of(tile_columns_of(length, columns)) > 0) return tiles_of_blocks(y, layout, length);
        } else if (const Index rows = whole_rows_of(length, columns); rows > 0) {
          return tiles(y, layout, rows, columns);
        }
        if (!start_words<Code>(columns)) break;
        return tiles_of_blocks(y, layout, codes_per_word<Code>);
      case Arrangement::interleaved:
      case Arrangement::general:
        break;
    }
    run_by_run(y, layout);
  }

  /// Decodes tiles of as many columns as are near max_tile_columns, a multiple of `unit`.
  template <class T>
  void tiles_of_blocks(const View<T>& y, const Layout& layout, Index unit) const {
    const Index segment = tile_columns_of(unit, layout.shape[1]);
    tiles(y, layout, tile_rows_of(segment), segment);
  }

  /// Decodes tiles of `together` rows and `segment` columns, which start words.
  template <class T>
  void tiles(const View<T>& y, const Layout& layout, Index together, Index segment) const {
    const bool one_group = layout.arrangement == Arrangement::one_group;
    const Index rows = layout.shape[0], columns = layout.shape[1], length = layout.length;
    in_parts(parts_of(rows * columns), rows, together, [&](int, Index first, Index last) {
      alignas(64) std::array<float, std::size_t{tile_elements}> transposed;
      for (Index r0 = first; r0 < last; r0 += together)
        for (Index c0 = 0; c0 < columns; c0 += segment) {
          const Index count = (std::min)(together, last - r0), width = (std::min)(segment, columns - c0);
          const Index runs = width == columns ? 1 : count, size = count * width / runs;
          for (Index r = 0; r < runs; ++r) {
            const Index offset = (r0 + r) * columns + c0;
            if (r + rows_ahead < runs)
              prefetch_codes<false, Code>(codes_.codes, offset + rows_ahead * columns, size);
            float* const to = transposed.data() + r * width;
            // A row of a tile may start in the middle of a group.
            const Index group = one_group ? 0 : offset / length, begun = offset - group * length;
            const Index head = begun == 0 ? 0 : (std::min)(size, length - begun);
            if (head > 0) blocks(offset, head, head, group, to, false);
            if (head < size)
              blocks(offset + head, size - head, length, group + (head > 0 ? 1 : 0), to + head, false);
          }
          columns_from_rows(transposed.data(), count, width, y.data + r0 + c0 * y.strides[1], y.strides[1]);
        }
    });
  }

  /// Decodes `count` codes of adjacent groups of `length`, from the start of a word on.
  template <class T>
  void blocks(Index offset, Index count, Index length, Index group, T* y, bool stream) const noexcept {
    const auto decode = [&](Index done, Index n, const float* scale, const std::int32_t* zero_point) {
      backend::Cpu::decode(codec_, codes_.from(static_cast<std::size_t>(offset + done)),
                           static_cast<std::size_t>(n), static_cast<std::size_t>(length),
                           kernel::BlockParameters<C>{scale, zero_point},
                           kernel::ValueSink<T>{y + done, stream});
    };
    const auto first = static_cast<std::size_t>(group);
    const std::int32_t* const zero_points = C::has_zero_point ? zero_points_ + first : nullptr;
    if (!C::scaled) return decode(0, count, nullptr, zero_points);
    const auto groups = static_cast<std::size_t>(count <= length ? 1 : (count + length - 1) / length);
    scales_.for_each_tile(first, groups, [&](std::size_t done, std::size_t n, const float* scales) {
      const Index from = static_cast<Index>(done) * length;
      decode(from, (std::min)(static_cast<Index>(n) * length, count - from), scales,
             C::has_zero_point ? zero_points + done : nullptr);
    });
  }

  const C& codec_;
  const G& group_;
  kernel::CodeSource<Code> codes_;
  ScalesView scales_;
  const std::int32_t* zero_points_;
};

}  // namespace lowbit::inline LOWBIT_ABI::detail
