#include <lowbit/io/safetensors_writer.hpp>

#include <algorithm>
#include <set>

#include "../common/progress.hpp"
#include "commands.hpp"

namespace quantize_file {

namespace io = lowbit::io;

namespace {

/// One tensor of the output: the bundle refers to `quantized` or to the input file.
struct Piece {
  QuantizedPtr quantized;  // null when the tensor is kept
  io::Bundle bundle;
};

Piece keep(const TensorFile& input, const TensorItem& item) {
  Piece piece;
  for (const std::string& part : item.parts) piece.bundle.add(part, input.tensor(part));
  return piece;
}

/// The library's message, with the names of command-line options.
std::string for_command_line(std::string message) {
  for (const auto& [from, to] : {std::pair<std::string_view, std::string_view>{"lowbit: ", ""},
                                 {"NonFinite::saturate", "--non-finite saturate"}})
    if (const auto at = message.find(from); at != message.npos) message.replace(at, from.size(), to);
  return message;
}

Piece quantize(const QuantizeJob& job, const TensorItem& item, io::Dtype dtype, const Scheme& scheme,
               const RealTensor& x) {
  Piece piece;
  try {
    piece.quantized = scheme.quantize(x.view(), job.options);
  } catch (const std::invalid_argument& error) {
    throw io::FileError(job.input.string() + ": " + io::tensor_field(item.name) + ": " + scheme.text() +
                        ": " + for_command_line(error.what()));
  }
  const bool real16 = dtype == io::Dtype::f16 || dtype == io::Dtype::bf16;
  if (job.layout != Layout::bitsandbytes ||
      !piece.quantized->add_bitsandbytes(piece.bundle, item.name, real16 ? dtype : io::Dtype::f32))
    piece.quantized->add(piece.bundle, item.name);
  return piece;
}

/// Why a tensor cannot be quantized at all; empty for those that can.
std::string kind_to_keep(const TensorItem& item, io::Dtype dtype) {
  if (item.layout != Layout::plain) return "quantized already";
  if (!item.owner.empty()) return "part of " + item.owner;
  if (io::is_integer(dtype)) return "integers";
  if (item.shape.size() > std::size_t{lowbit::Shape::max_rank}) return "too many dimensions";
  if (!io::is_real(dtype)) return item.type + " is not supported";
  return item.bytes == 0 ? "empty" : "";
}

/// A name that a quantized tensor needs and that something else in the file has; empty if there is none.
std::string taken_name(const io::Bundle& quantized, const TensorItem& item,
                       const std::set<std::string>& stored, const io::Metadata& metadata) {
  for (const io::NamedTensor& t : quantized.tensors())
    if (stored.contains(t.name) && std::ranges::find(item.parts, t.name) == item.parts.end()) return t.name;
  for (const auto& [key, value] : quantized.metadata())
    if (metadata.contains(key)) return key;
  return {};
}

}  // namespace

Report quantize(const QuantizeJob& job) {
  const TensorFile input(job.input);
  const std::vector<Rules::Choice> choices = job.rules.choose(input);
  Report report{"quantize", job.input.string(), job.output.string(), job.target == nullptr, {}};
  std::vector<const Scheme*> schemes;  // of each item; null: kept
  std::vector<io::TensorInfo> infos;
  io::Metadata metadata = input.metadata();
  std::set<std::string> stored;
  for (const TensorItem& item : input.items()) stored.insert(item.parts.begin(), item.parts.end());
  const auto count = static_cast<long>(input.items().size());
  {
    example::Progress progress("Measuring", count);
    for (std::size_t i = 0; i < choices.size(); ++i) {
      const TensorItem& item = input.items()[i];
      const io::Dtype dtype = input.tensor(item.parts.front()).dtype;
      Row row{item.name, item.shape, item.type, "", item.bytes, item.bytes, {}, kind_to_keep(item, dtype),
              false};
      const Scheme* scheme = nullptr;
      if (row.note.empty()) {
        if (!choices[i].scheme->keeps()) scheme = choices[i].scheme;
        row.note = choices[i].reason;
      }
      Piece piece;
      if (scheme != nullptr) {
        const RealTensor x(input.tensor(item.name));
        piece = quantize(job, item, dtype, *scheme, x);
        row.error = piece.quantized->error(x.view());
        if (const std::string why = job.min_snr ? row.below(*job.min_snr) : ""; why.empty()) {
          row.scheme = scheme->text();
        } else {
          row.note = scheme->text() + " " + why;
          row.error.reset();
          scheme = nullptr;
        }
      }
      if (scheme != nullptr)
        if (const std::string name = taken_name(piece.bundle, item, stored, metadata); !name.empty()) {
          row.note = io::in_quotes(name) + " exists already";
          row.scheme.clear();
          row.error.reset();
          scheme = nullptr;
        }
      if (scheme == nullptr) piece = keep(input, item);
      row.after = piece.bundle.bytes();
      for (const io::NamedTensor& t : piece.bundle.tensors()) infos.push_back(t.info());
      metadata.insert(piece.bundle.metadata().begin(), piece.bundle.metadata().end());
      schemes.push_back(scheme);
      report.rows.push_back(std::move(row));
      progress.step();
    }
  }
  if (job.target == nullptr) return report;

  example::Progress progress("Writing", count);
  io::SafetensorsWriter writer(std::move(*job.target), std::move(infos), metadata);
  for (std::size_t i = 0; i < schemes.size(); ++i) {
    const TensorItem& item = input.items()[i];
    const io::StoredTensor source = input.tensor(item.parts.front());
    const Piece piece = schemes[i] != nullptr
                            ? quantize(job, item, source.dtype, *schemes[i], RealTensor(source))
                            : keep(input, item);
    for (const auto& [name, tensor] : piece.bundle.tensors()) writer.append(name, tensor);
    progress.step();
  }
  *job.target = writer.finish();
  return report;
}

Report inspect(const std::filesystem::path& path) {
  const TensorFile file(path);
  Report report{"inspect", file.path(), "", false, {}};
  for (const TensorItem& item : file.items())
    report.rows.push_back({item.name,
                           item.shape,
                           item.type,
                           "",
                           item.bytes,
                           item.bytes,
                           {},
                           item.owner.empty() ? "" : "part of " + item.owner,
                           false});
  return report;
}

}  // namespace quantize_file
