import ConnectorProtocol

extension AddressWish {
  /// What the first start has to do about addresses. To Windows a network interface of another make is a new one: it
  /// forgets the addresses of the old one, and asks the network for some.
  ///
  /// - Parameters:
  ///   - nics: All of the machine's interfaces, as the mapping wants them.
  ///   - interfaces: As the guest has them today.
  ///   - platformAssigns: The platform gives addresses itself: those of the guest are of no use there.
  /// - Returns: The wishes, and a warning where it cannot be told which interface an address belongs to.
  static func all(
    _ nics: [NetworkWish], interfaces: [GuestFacts.Interface], platformAssigns: Bool
  ) -> (wishes: [AddressWish], warning: String?) {
    var wishes: [AddressWish] = []
    var kept: [NetworkWish] = []
    for nic in nics.sorted(by: { $0.index < $1.index }) {
      switch nic.addressing {
      case .keep: kept.append(nic)
      case .dhcp: wishes.append(AddressWish(mac: nic.newMAC, index: nic.index, addresses: [], dhcp: true))
      case .fixed(let addresses, let gateway, let nameServers):
        wishes.append(
          AddressWish(
            mac: nic.newMAC, index: nic.index, addresses: addresses, gateway: gateway, nameServers: nameServers))
      }
    }
    let fixed = interfaces.filter { $0.method == "static" && !$0.addresses.isEmpty }
    guard !fixed.isEmpty, !kept.isEmpty, !platformAssigns else { return (wishes, nil) }
    guard nics.count == 1, fixed.count == 1, let nic = kept.first, let old = fixed.first else {
      let names = fixed.map { "\($0.name) (\($0.addresses.joined(separator: ", ")))" }
      return (
        wishes,
        "The fixed addresses of \(names.joined(separator: " and ")) are not carried over, as which interface of the new "
          + "machine each belongs to cannot be told: name them under nics in the mapping."
      )
    }
    let carried = AddressWish(
      mac: nic.newMAC, index: nic.index, addresses: old.addresses, gateway: old.gateway,
      nameServers: old.nameServers ?? [])
    guard carried.masked?.isEmpty == false else {
      return (wishes, "The fixed addresses of \(old.name) are of a form that is not carried over.")
    }
    return (wishes + [carried], nil)
  }
}
