/// Hands out places for disks: a controller is filled before the next one is taken.
struct ControllerPlaces {
  private var counts: [DiskController: Int] = [:]
  /// The bus of each controller, by kind, in the order in which they were taken.
  private var buses: [DiskController: [Int]] = [:]

  /// Nil where a machine has no room for another disk on controllers of this kind.
  mutating func next(_ controller: DiskController) -> (bus: Int, unit: Int)? {
    let count = counts[controller, default: 0]
    let (place, unit) = count.quotientAndRemainder(dividingBy: controller.units.count)
    if place == buses[controller, default: []].count {
      let sharing = controller.isSCSI ? buses.filter(\.key.isSCSI).values.map(\.count).reduce(0, +) : place
      guard sharing < controller.most else { return nil }
      buses[controller, default: []].append(sharing)
    }
    counts[controller] = count + 1
    guard let bus = buses[controller]?[place] else { return nil }
    return (bus, controller.units[unit])
  }
}
