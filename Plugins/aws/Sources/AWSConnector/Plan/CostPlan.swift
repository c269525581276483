import ConnectorProtocol

/// What a planned machine costs: AWS's own prices where they can be had, else those that are built in.
struct CostPlan: Sendable {
  private static let gibibyte = Double(1 << 30)
  /// A month has so many days: an image stays in the bucket for one at most.
  private static let days = 30.4
  /// Of what disks hold, compressed: data of a system's disks come to about half.
  private static let compressed = 0.5

  var account: Account
  var disks: [MachinePlan.Disk]
  var keepSnapshots: Bool
  /// Whose licence comes with the instance.
  var system: PriceList.System

  func costs(_ type: TypeChooser.Choice?) async -> MachinePlan.Costs {
    let (storage, storageFailure) = await account.storagePrices(Set(disks.map(\.type)))
    var hour: Double?
    var isLive = false
    var failure = storageFailure
    if let type {
      let (hours, why) = await account.prices([type.type.name], system)
      isLive = hours[type.type.name] != nil
      hour = hours[type.type.name] ?? (type.isKnown ? type.hour : nil)
      failure = failure ?? why
    }
    let bytes = disks.reduce(0.0) { $0 + Double($1.allocatedBytes ?? $1.sizeBytes) }
    return MachinePlan.Costs(
      instanceHour: hour, disksMonth: disks.map(storage.month).reduce(0, +),
      snapshotsMonth: keepSnapshots ? bytes / Self.gibibyte * storage.snapshot : 0,
      restoreOnce: once(bytes, storage), source: source(isLive, storage, failure), isLive: isLive && storage.isWhole)
  }

  private func once(_ bytes: Double, _ prices: StoragePrices) -> Double {
    guard account.settings.delivery == .import else {
      return bytes / Double(MachineLimits.blockBytes) * prices.block
    }
    let sent = bytes * Self.compressed
    return sent / Self.gibibyte * prices.bucket / Self.days + sent / Double(16 << 20) * prices.part
  }

  private func source(_ isLive: Bool, _ storage: StoragePrices, _ failure: String?) -> String {
    var words: String
    switch (isLive, storage.isWhole) {
    case (true, true): words = "the Pricing API"
    case (true, false): words = "the Pricing API for the instance; for disks in part \(PriceTable.words)"
    case (false, true): words = "the Pricing API for disks; for the instance \(PriceTable.words)"
    case (false, false): words = PriceTable.words
    }
    if let failure { words += "; AWS's own could not be had: \(failure)" }
    return words
  }
}
