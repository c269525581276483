import ConnectorProtocol

/// A model for the machine's network interfaces.
///
/// Unlike a disk controller, one without a driver does not keep the machine from starting: it only has no network.
struct NICChooser {
  /// Models that about every guest has a driver for, best first.
  private static let universal = ["e1000e", "e1000", "rtl8139"]

  let question: HardwareQuestion

  /// A model that the platform's document names no driver for has one in every such guest.
  private func hasDrivers(for model: String, _ guest: GuestFacts) -> Bool {
    question.document.drivers.allSatisfy { need in
      guard need.nics?.contains(model) == true, need.when.matches(guest) else { return true }
      return question.unavailableDrivers.isDisjoint(with: need.need)
    }
  }

  func choose() -> (model: String?, diagnostics: [Diagnostic]) {
    let offered = question.document.nics
    guard !question.machine.nics.isEmpty else { return (nil, []) }
    if let asked = question.mapping.nicModel {
      if offered.contains(where: { $0.model == asked }) { return (asked, []) }
      let list = offered.map(\.model).joined(separator: ", ")
      return (
        asked,
        [
          Diagnostic(
            severity: .blocker, code: "nic.notOffered", summary: "The platform has no network interface \(asked)",
            at: "/mapping/nicModel", action: list.isEmpty ? nil : "Choose one of \(list)")
        ]
      )
    }
    // A Linux guest has the drivers on its root disk; another gets them when it is prepared.
    if let guest = question.guest, guest.understood, guest.family == "linux" || question.preparableGuest != nil {
      let usable = offered.first { hasDrivers(for: $0.model, guest) }
      return ((usable ?? offered.first)?.model, [])
    }
    let today = question.machine.nics.compactMap(\.model)
    if let same = offered.first(where: { today.contains($0.model) }) { return (same.model, []) }
    let safe = Self.universal.first { name in offered.contains { $0.model == name } }
    let model = safe ?? offered.first?.model
    guard let model, safe == nil else { return (model, []) }
    return (
      model,
      [
        Diagnostic(
          severity: .warning, code: "nic.unproven",
          summary: "The machine may have no network: the guest may lack a driver for \(model)",
          at: "/hardware/nicModel", action: "Install the driver after the first start")
      ]
    )
  }
}
