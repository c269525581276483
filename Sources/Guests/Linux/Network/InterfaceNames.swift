/// Tells which of a machine's interfaces is which of the guest's names. Pure.
struct InterfaceNames {
  struct Assignment: Hashable, Sendable {
    /// By `NetworkWish.index`.
    var names: [Int: String] = [:]
    var warnings: [String] = []
  }

  /// - Parameters:
  ///   - interfaces: All that the configuration names, of all its files.
  static func assign(_ wishes: [NetworkWish], _ interfaces: [NamedInterface]) -> Assignment {
    var result = Assignment()
    for wish in wishes {
      // A guest that was prepared before has the new ones already.
      let own = [wish.oldMAC, wish.newMAC].compactMap { $0 }
      let tied = interfaces.first { $0.name != nil && $0.mac.map(own.contains) ?? false }
      if let name = tied?.name { result.names[wish.index] = name }
    }
    // Names with an address that is not the machine's are left over from other hardware.
    let taken = Set(result.names.values)
    let known = Set(wishes.flatMap { [$0.oldMAC, $0.newMAC].compactMap { $0 } })
    let foreign = Set(interfaces.filter { $0.mac.map { !known.contains($0) } ?? false }.compactMap(\.name))
    var loose: [String] = []
    for name in interfaces.compactMap(\.name)
    where NetworkReading.isCard(name) && !taken.contains(name) && !foreign.contains(name) && !loose.contains(name) {
      loose.append(name)
    }
    loose.sort(by: naturally)
    let rest = wishes.filter { result.names[$0.index] == nil }.sorted { $0.index < $1.index }
    guard !loose.isEmpty, !rest.isEmpty else { return result }
    guard loose.count <= rest.count else {
      result.warnings.append(
        "The guest configures the interfaces \(loose.joined(separator: ", ")), but the machine has only \(rest.count): "
          + "which is which is not known, and their names are not kept")
      return result
    }
    for (wish, name) in zip(rest, loose) { result.names[wish.index] = name }
    if rest.count > 1 {
      let pairs = zip(rest, loose).map { "\($1) is interface \($0.index)" }.joined(separator: ", ")
      result.warnings.append(
        "Nothing ties the guest's interfaces to hardware addresses; taken in their order: \(pairs)")
    }
    return result
  }

  /// `eth2` before `eth10`, `ens160` before `ens192`.
  static func naturally(_ left: String, _ right: String) -> Bool {
    func parts(_ text: String) -> [Substring] { text.matches(of: /[0-9]+|[^0-9]+/).map(\.output) }
    for (a, b) in zip(parts(left), parts(right)) where a != b {
      if let x = Int(a), let y = Int(b) { return x < y }
      return a < b
    }
    return left.count < right.count
  }
}
