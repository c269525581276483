/// The chains that were looked at while one backup is read: an image that stands in several is checked once.
///
/// An image counts as checked together with all that it stands on. Nothing is kept longer than the reading takes: the
/// files may change.
public struct CheckedChains: Sendable {
  /// An image upon another one that was checked, which is told by its place in `found`.
  private struct Link: Hashable {
    var below: Int?
    var layer: ImageLayer
  }

  private var places: [Link: Int] = [:]
  private var found: [(layer: ImageLayer, virtualSizeBytes: Int64)] = []

  public init() {}

  /// The longest part of a chain, from its base, that was checked; without layers where there is none.
  func start(of layers: [ImageLayer]) -> DiskChain {
    var chain = DiskChain(layers: [], virtualSizeBytes: 0)
    var below: Int?
    for layer in layers {
      guard let place = places[Link(below: below, layer: layer)] else { break }
      chain.layers.append(found[place].layer)
      chain.virtualSizeBytes = found[place].virtualSizeBytes
      below = place
    }
    return chain
  }

  /// Notes the newest image of `named`, a chain as the backup describes it, whose others were noted before.
  mutating func add(_ named: ArraySlice<ImageLayer>, as layer: ImageLayer, virtualSizeBytes: Int64) {
    guard let top = named.last else { return }
    var below: Int?
    for layer in named.dropLast() {
      guard let place = places[Link(below: below, layer: layer)] else { return }
      below = place
    }
    var layer = layer
    // What was made of it to look at it goes away.
    if layer.isAssembled { layer.index = nil }
    // Whoever goes on from what was found names it by its real path.
    for name in [top, layer] { places[Link(below: below, layer: name)] = found.count }
    found.append((layer, virtualSizeBytes))
  }
}
