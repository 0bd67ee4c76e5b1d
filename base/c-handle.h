// Owning C handles: std::unique_ptr<X, Free<&X_free>>.
#pragma once

namespace ncli {

template <auto FreeFunction>
struct Free {
  template <class Handle>
  void operator()(Handle* handle) const {
    FreeFunction(handle);
  }
};

}  // namespace ncli
