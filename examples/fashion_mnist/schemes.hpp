// Applies every scheme of the library to every trained network, and measures it.
#pragma once
#include <filesystem>
#include <functional>
#include <vector>

#include "mlp.hpp"
#include "report_data.hpp"

namespace fashion_mnist {

/// How many schemes there are: evaluate_schemes reports progress this many times for each model.
std::size_t scheme_count();

/// Quantizes the weights of each model (biases stay float32), puts them back, and compares with the float
/// model on the test images. Schemes of one family are neighbours. Calls `progress` from any thread.
std::vector<Scheme> evaluate_schemes(const std::vector<Mlp>& models, const Dataset& test,
                                     const std::function<void()>& progress);

/// The values that typical schemes can represent when one scale serves all of `weights`.
std::vector<Grid> grids_for(const Eigen::MatrixXf& weights);

/// Writes the float model and one quantized model as safetensors; returns the paths.
std::vector<std::filesystem::path> save_models(const Mlp& model, const std::filesystem::path& folder);

}  // namespace fashion_mnist
