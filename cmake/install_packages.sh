# shellcheck shell=bash disable=SC2034
# Sourced by the scripts named run and by .ci/run: install_packages <Debian package>...
# Installs the packages that are missing, and uses no network when none is. On a system without apt-get it only checks
# that the tools are there, and otherwise says what is needed.

install_packages() {
  if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    check_tools "$@"
    return
  fi
  local package missing=()
  for package in "$@"; do
    [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
      missing+=("$package")
  done
  if ((${#missing[@]} == 0)); then
    echo "== All packages that this needs are installed."
    return
  fi

  local as_root=()
  if ((EUID != 0)); then
    if ! command -v sudo >/dev/null; then
      echo "Packages are missing, and only root can install them. As root, run:" >&2
      echo "  apt-get update && apt-get install ${missing[*]}" >&2
      return 1
    fi
    as_root=(sudo)
  fi
  echo "== Installing ${missing[*]}"
  "${as_root[@]}" apt-get update -q
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q --yes --no-install-recommends "${missing[@]}"
}

check_tools() {
  local tool missing=()
  for tool in c++ cmake ninja pkg-config git; do
    command -v "$tool" >/dev/null || missing+=("$tool")
  done
  if ((${#missing[@]} > 0)); then
    echo "This script installs packages on Debian 12 only. Missing here: ${missing[*]}." >&2
    echo "Install them (C++20 compiler, CMake 3.25 or later) and the counterparts of these Debian packages:" >&2
    echo "  $*" >&2
    return 1
  fi
  echo "== No apt-get here: using the tools that are installed. If CMake misses a library, install the counterpart of:"
  echo "   $*"
}

build_packages=(build-essential cmake ninja-build pkg-config git libeigen3-dev nlohmann-json3-dev libcli11-dev
                zlib1g-dev)
test_packages=(libgtest-dev libgmock-dev python3-numpy python3-venv)
data_packages=(dataset-fashion-mnist)
bench_packages=(libbenchmark-dev libdnnl-dev ocl-icd-opencl-dev python3-venv)
