import ConnectorProtocol

/// A model for the machine's network interfaces.
///
/// Unlike a disk controller, one without a driver does not keep the machine from starting: it only has no network.
struct NICChooser {
  struct Choice {
    /// Nil for a machine without network interfaces.
    var model: String?
    var remarks: HardwareRemarks.NIC
  }

  /// Models that about every guest has a driver for, best first.
  private static let universal = ["e1000e", "e1000", "rtl8139"]

  let question: HardwareQuestion

  func choose() -> Choice {
    let offered = question.document.nics.map(\.model)
    var remarks = HardwareRemarks.NIC()
    remarks.offered = offered
    guard !question.machine.nics.isEmpty else { return Choice(model: nil, remarks: remarks) }
    if let asked = question.mapping.nicModel {
      if !offered.contains(asked) { remarks.asked = asked }
      return Choice(model: asked, remarks: remarks)
    }
    // A Linux guest has the drivers on its root disk, or has none; another gets them when it is prepared.
    if let guest = question.guest, guest.understood, guest.family == "linux" || question.preparableGuest != nil {
      let model = known(guest, offered, &remarks)
      return Choice(model: model, remarks: remarks)
    }
    let today = question.machine.nics.compactMap(\.model)
    if let same = offered.first(where: today.contains) { return Choice(model: same, remarks: remarks) }
    let safe = Self.universal.first(where: offered.contains)
    if safe == nil { remarks.unproven = offered.first }
    return Choice(model: safe ?? offered.first, remarks: remarks)
  }

  private func known(_ guest: GuestFacts, _ offered: [String], _ remarks: inout HardwareRemarks.NIC) -> String? {
    let usable = offered.filter { hasDrivers(for: $0, guest) }
    remarks.usable = usable
    // Where none suits every kernel, one that suits the kernel which starts.
    let first = usable.first ?? offered.first { hasDrivers(for: $0, guest, byDefault: true) } ?? offered.first
    if question.policy == .safe, let safe = Self.universal.first(where: usable.contains) {
      if safe != first { remarks.promotable = first }
      return safe
    }
    if let better = offered.first, better != first { remarks.passedOver = better }
    return first
  }

  /// A model that the platform's document names no driver for has one in every such guest.
  private func hasDrivers(for model: String, _ guest: GuestFacts, byDefault: Bool = false) -> Bool {
    if guest.family == "linux" {
      let names = question.document.drivers.network(model, guest)
      return guest.missingModules(names, byDefault: byDefault).isEmpty
    }
    return question.document.drivers.allSatisfy { need in
      guard need.nics?.contains(model) == true, need.when.matches(guest) else { return true }
      return question.unavailableDrivers.isDisjoint(with: need.need)
    }
  }
}
