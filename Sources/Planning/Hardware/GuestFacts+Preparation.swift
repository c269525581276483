import ConnectorProtocol

extension GuestFacts? {
  /// Why the guest cannot be prepared for other hardware; nil where it can.
  var whyNotPreparable: String? {
    guard let facts = self else { return "it was not looked at" }
    guard facts.understood else { return "it is not understood: \(facts.reason ?? "nothing known is on its disks")" }
    guard facts.preparable == false else { return nil }
    let name = facts.productName ?? facts.distribution ?? facts.family ?? "such a guest"
    return "\(name) is not of a kind that this version changes"
  }
}
