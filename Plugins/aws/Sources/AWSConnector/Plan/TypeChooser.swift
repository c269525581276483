import ConnectorKit
import ConnectorProtocol

/// Chooses the instance type: the cheapest that fits, with what comes next.
struct TypeChooser: Sendable {
  struct Choice: Hashable, Sendable {
    /// Where a price is from.
    enum Source: Hashable, Sendable {
      /// AWS has told it.
      case live
      /// The built-in table, made as much dearer as the region is.
      case table
      /// A guess by size.
      case size
    }

    var type: InstanceType
    /// US dollars an hour.
    var hour: Double
    var source: Source

    /// False for a guess by size.
    var isKnown: Bool { source != .size }
  }

  /// So many prices tell how dear a region is.
  private static let samples = 3

  var needs: TypeNeeds
  /// Those that the zone offers.
  var types: [InstanceType]
  /// Prices that AWS has told, by type.
  var live: [String: Double] = [:]
  /// Whose licence comes with the price.
  var system: PriceList.System = .linux

  /// What fits, the cheapest first; of equal price the one that wastes less memory, then the newer. What has no price but
  /// a guess comes last: nobody is told that it is cheap.
  func ranking() -> [Choice] {
    let scale = scale
    let fitting = types.filter { !$0.isSpecial && needs.missing($0).isEmpty && needs.lacking($0).isEmpty }
    return fitting.map { choice($0, scale) }.sorted {
      if $0.isKnown != $1.isKnown { return $0.isKnown }
      if $0.hour != $1.hour { return $0.hour < $1.hour }
      if $0.type.memoryMiB != $1.type.memoryMiB { return $0.type.memoryMiB < $1.type.memoryMiB }
      if $0.type.generation != $1.type.generation { return $0.type.generation > $1.type.generation }
      return $0.type.name < $1.type.name
    }
  }

  func choice(_ type: InstanceType) -> Choice { choice(type, scale) }

  private func choice(_ type: InstanceType, _ scale: Double) -> Choice {
    if let told = live[type.name] { return Choice(type: type, hour: told, source: .live) }
    if let base = base(type) { return Choice(type: type, hour: base * scale, source: .table) }
    let guess = PriceTable.guess(vcpus: type.vcpus, memoryMiB: type.memoryMiB) + licence(type)
    return Choice(type: type, hour: guess * scale, source: .size)
  }

  /// What the table says, with the licence.
  private func base(_ type: InstanceType) -> Double? { PriceTable.hour(type.name).map { $0 + licence(type) } }

  private func licence(_ type: InstanceType) -> Double {
    system == .windows ? Double(type.vcpus) * PriceTable.windowsCPU : 0
  }

  /// How much dearer than in the table the types are whose prices AWS has told: the median.
  private var scale: Double {
    let ratios = types.compactMap { type -> Double? in
      guard let told = live[type.name], let base = base(type), base > 0 else { return nil }
      return told / base
    }.sorted()
    return ratios.count < Self.samples ? 1 : ratios[ratios.count / 2]
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
    let price =
      switch choice.source {
      case .live: ", \(cents) USD an hour"
      case .table: ", about \(cents) USD an hour"
      case .size: ""
      }
    return "\(choice.type.name) (\(choice.type.vcpus) vCPUs, \(ByteSize.text(choice.type.memoryMiB << 20))\(price))"
  }
}
