import ConnectorKit
import ConnectorProtocol

/// Chooses the instance type: the cheapest that fits, with what comes next.
struct TypeChooser: Sendable {
  struct Choice: Hashable, Sendable {
    var type: InstanceType
    /// US dollars an hour.
    var hour: Double
    /// False for a guess by size.
    var isKnown: Bool
  }

  var needs: TypeNeeds
  /// Those that the zone offers.
  var types: [InstanceType]
  /// Prices that AWS has told, by type.
  var live: [String: Double] = [:]

  /// What fits, the cheapest first; of equal price the one that wastes less memory, then the newer.
  func ranking() -> [Choice] {
    types.filter { !$0.isSpecial && needs.missing($0).isEmpty && needs.lacking($0).isEmpty }.map(choice).sorted {
      if $0.hour != $1.hour { return $0.hour < $1.hour }
      if $0.type.memoryMiB != $1.type.memoryMiB { return $0.type.memoryMiB < $1.type.memoryMiB }
      if $0.type.generation != $1.type.generation { return $0.type.generation > $1.type.generation }
      return $0.type.name < $1.type.name
    }
  }

  func choice(_ type: InstanceType) -> Choice {
    let known = live[type.name] ?? PriceTable.hour(type.name)
    return Choice(
      type: type, hour: known ?? PriceTable.guess(vcpus: type.vcpus, memoryMiB: type.memoryMiB), isKnown: known != nil)
  }

  /// The one that is taken and up to five others; one of the first two others is not burstable, where any is not.
  static func pick(_ ranking: [Choice]) -> [Choice] {
    guard let first = ranking.first else { return [] }
    var others = Array(ranking.dropFirst().prefix(5))
    if first.type.isBurstable, others.prefix(2).allSatisfy(\.type.isBurstable),
      let steady = ranking.first(where: { !$0.type.isBurstable })
    {
      others.removeAll { $0.type == steady.type }
      others.insert(steady, at: min(1, others.count))
    }
    return [first] + others.prefix(5)
  }

  /// Why it was taken, in a sentence.
  static func reason(_ choice: Choice, of count: Int) -> String {
    let burst = choice.type.isBurstable ? ", its processors burst on credits" : ""
    let price = choice.isKnown ? "" : " (by its size: its price is not known)"
    return
      "\(describe(choice)) is the cheapest of \(count) types here that fit\(price)\(burst)."
  }

  static func describe(_ choice: Choice) -> String {
    let cents = (choice.hour * 10_000).rounded() / 10_000
    let price = choice.isKnown ? ", \(cents) USD an hour" : ""
    return
      "\(choice.type.name) (\(choice.type.vcpus) vCPUs, \(ByteSize.text(choice.type.memoryMiB << 20))\(price))"
  }
}
