import ConnectorProtocol
import Support

/// The states of one disk on its way to one goal, and the tools that lead from one to the next.
struct PathGraph {
  struct Node: Hashable {
    enum Place: Hashable {
      case backup, overlay, copy
      case offered(String)
    }
    var place: Place
    var isPadded: Bool
    var isPrepared: Bool
  }

  /// A step, and where it leads; or why it cannot be taken.
  struct Edge {
    var step: PathStep
    var target: Node
    var obstacle: String?
  }

  let source: PathSource
  let goal: PathGoal
  let size: Int64
  let freeBytes: Int64
  let throughput: Throughput

  var start: Node {
    Node(place: .backup, isPadded: size == source.virtualSizeBytes, isPrepared: !source.needsPreparation)
  }

  func isGoal(_ node: Node) -> Bool { node.place == .offered(goal.access) }

  func edges(from node: Node) -> [Edge] {
    switch node.place {
    case .backup: return [overlay(node)]
    case .overlay where !node.isPadded: return [pad(node)]
    // After padding: preparation then also moves the partition table's second copy to the new end.
    case .overlay where !node.isPrepared: return [prepare(node)]
    case .overlay: return [serveNBD(node), convert(node)].compactMap { $0 }
    case .copy: return [handOver(node), serveHTTP(node)].compactMap { $0 }
    case .offered: return []
    }
  }

  private func overlay(_ node: Node) -> Edge {
    let step = PathStep(
      edge: .overlay, what: "Lay a qcow2 overlay over the backup (\(source.formatText))",
      reason: "the backup is only read, every change goes to the overlay", seconds: throughput.overlaySeconds)
    return Edge(step: step, target: node.moved(to: .overlay))
  }

  private func pad(_ node: Node) -> Edge {
    let added = size - source.virtualSizeBytes
    let reason =
      source.virtualSizeBytes < goal.form.minBytes ?? 0
      ? "no disk there is smaller than \(Format.bytes(goal.form.minBytes ?? 0))"
      : "sizes there are multiples of \(Format.bytes(goal.form.roundTo ?? 1))"
    let step = PathStep(
      edge: .pad, what: "Add \(Format.bytes(added)) of zeros at the end, to \(Format.bytes(size))", reason: reason,
      seconds: throughput.overlaySeconds)
    return Edge(step: step, target: Node(place: .overlay, isPadded: true, isPrepared: node.isPrepared))
  }

  private func prepare(_ node: Node) -> Edge {
    let step = PathStep(
      edge: .guestPrepare, what: "Prepare the guest in the overlay",
      reason: "it lacks what it needs to start on the new hardware", bytesRead: 0,
      bytesStaged: throughput.prepareBytes, seconds: throughput.prepareSeconds)
    return Edge(
      step: step, target: Node(place: .overlay, isPadded: node.isPadded, isPrepared: true),
      obstacle: spaceObstacle(step.bytesStaged))
  }

  private func serveNBD(_ node: Node) -> Edge? {
    guard goal.access == "nbd" else { return nil }
    let step = PathStep(
      edge: .serveNBD, what: "Offer it on an NBD socket, from which the connector makes \(goal.formText)",
      reason: isDense ? "no copy is staged; the platform wants its zeros, too" : "no copy is staged, zeros are skipped",
      bytesRead: isDense ? size : source.dataBytes,
      seconds: Double(source.dataBytes) / throughput.nbdBytesPerSecond + zeroSeconds)
    return Edge(step: step, target: node.moved(to: .offered("nbd")))
  }

  private func convert(_ node: Node) -> Edge? {
    guard goal.access == "file" || goal.access == "http" else { return nil }
    let rate = throughput.conversion(to: goal.form.format, goal.form.subformat)
    let written =
      isDense ? size : source.dataBytes + Int64(Double(source.dataBytes) * throughput.tableShare) + (1 << 20)
    let step = PathStep(
      edge: .convert, what: "Copy it to an image of format \(goal.formText)",
      reason: "the connector takes \(goal.formText) only as a whole image", bytesRead: source.dataBytes,
      bytesStaged: written, seconds: rate.map { Double(source.dataBytes) / $0 + zeroSeconds } ?? 0)
    let staged = written + (source.needsPreparation ? throughput.prepareBytes : 0)
    return Edge(
      step: step, target: node.moved(to: .copy),
      obstacle: rate == nil ? "Ascend cannot write images of format \(goal.formText)" : spaceObstacle(staged))
  }

  private func handOver(_ node: Node) -> Edge? {
    guard goal.access == "file" else { return nil }
    let step = PathStep(
      edge: .handOver, what: "Hand the image over as a file", reason: "that is how the connector takes it",
      bytesRead: source.dataBytes)
    return Edge(step: step, target: node.moved(to: .offered("file")))
  }

  private func serveHTTP(_ node: Node) -> Edge? {
    guard goal.access == "http" else { return nil }
    let step = PathStep(
      edge: .serveHTTP, what: "Offer the image at a URL", reason: "the platform fetches it itself",
      bytesRead: source.dataBytes)
    return Edge(
      step: step, target: node.moved(to: .offered("http")),
      obstacle: "this version of Ascend does not offer images by HTTP")
  }

  private var isDense: Bool { goal.form.sparse == "required-dense" }

  private var zeroSeconds: Double {
    isDense ? Double(max(0, size - source.dataBytes)) / throughput.zeroBytesPerSecond : 0
  }

  private func spaceObstacle(_ bytes: Int64) -> String? {
    bytes <= freeBytes
      ? nil : "it needs \(Format.bytes(bytes)) of space for its copy, and \(Format.bytes(freeBytes)) are free"
  }
}

extension PathGraph.Node {
  fileprivate func moved(to place: Place) -> Self {
    Self(place: place, isPadded: isPadded, isPrepared: isPrepared)
  }
}
