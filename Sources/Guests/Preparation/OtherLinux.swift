import ConnectorProtocol

/// The report about a Linux guest that is not known how to change: ready as it is, or what it lacks.
enum OtherLinux {
  static func report(_ inspection: GuestInspection, _ needs: DriverNeeds) -> PreparationReport {
    let name = inspection.facts.productName ?? inspection.facts.distribution ?? "This Linux"
    let missing = inspection.kernels.flatMap { kernel in
      needs.early.filter { !kernel.startsWith($0) }.map { "\($0) in the initramfs of kernel \(kernel.version)" }
    }
    let ready = missing.isEmpty && (!inspection.kernels.isEmpty || needs.early.isEmpty)
    let reason =
      if ready {
        "Nothing was needed: the guest already has all that was asked for."
      } else if inspection.kernels.isEmpty {
        "\(name): no kernel was found whose initramfs could be looked at."
      } else {
        "\(name) guests are not changed: only the Debian family with initramfs-tools is."
      }
    return PreparationReport(
      prepared: ready, reason: reason, missing: inspection.kernels.isEmpty ? needs.early : missing,
      facts: inspection.facts, kernels: [], changes: [], warnings: inspection.notes)
  }
}
