import ConnectorProtocol

/// The report about a Linux guest in which no kernel was found that drivers could be given to.
enum OtherLinux {
  static func report(_ inspection: GuestInspection, _ needs: DriverNeeds) -> PreparationReport {
    let name = inspection.facts.productName ?? inspection.facts.distribution ?? "This Linux"
    let ready = needs.early.isEmpty
    let reason =
      ready
      ? "Nothing was needed: the target asks for nothing that must be there at the start."
      : "\(name): no kernel with modules and an initramfs was found in /boot or in boot loader entries."
    return PreparationReport(
      prepared: ready, reason: reason, missing: needs.early,
      facts: inspection.facts, kernels: [], changes: [], warnings: inspection.notes)
  }
}
