extension TypeChooser {
  /// Types that AWS is asked about at once, and how often at most: its list has many thousand entries.
  private static let batch = 8
  private static let rounds = 6
  /// The chosen type and two alternatives.
  private static let told = 3

  /// Asks AWS for prices until those that are first in the ranking were asked about: in a dearer region what was asked
  /// about falls behind what was not.
  mutating func askPrices(of account: Account) async {
    var asked: Set<String> = []
    for _ in 0..<Self.rounds {
      let names = ranking().map(\.type.name)
      guard !asked.isSuperset(of: names.prefix(Self.told)) else { return }
      let next = names.filter { !asked.contains($0) }.prefix(Self.batch)
      let (hours, failure) = await account.prices(Array(next), system)
      guard failure == nil else { return }
      live = hours
      asked.formUnion(next)
    }
  }
}
