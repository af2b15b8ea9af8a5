#include "core/record/log_links.h"

namespace urna::record {

std::optional<LogIdentity> IdentityOf(const Entry& first) {
  if (const auto* manifest = std::get_if<election::SignedManifest>(&first)) {
    return LogIdentity{manifest->manifest.origin, manifest->manifest.log_key};
  }
  if (const auto* manifest = std::get_if<petition::SignedManifest>(&first)) {
    return LogIdentity{manifest->manifest.origin, manifest->manifest.log_key};
  }
  if (const auto* header = std::get_if<roll::SignedRollHeader>(&first)) {
    return LogIdentity{header->header.origin, header->header.log_key};
  }
  return std::nullopt;
}

std::optional<roll::RollPin> PinOf(const Entry& entry) {
  const auto* order = std::get_if<poll::SignedOrder>(&entry);
  if (order == nullptr) return std::nullopt;
  if (const auto* open = poll::ElectionOpening(order->order)) return open->roll;
  if (const auto* open = poll::PetitionOpening(order->order)) return open->roll;
  return std::nullopt;
}

}  // namespace urna::record
