/// An import that runs at Amazon: its state, and what has come of it.
public struct ImportTask: Hashable, Sendable {
  public enum Kind: String, Hashable, Sendable { case snapshot, image }

  public var id: String
  public var kind: Kind
  /// `active`, `updating`, `validating`, `validated`, `converting`, `completed`, `error`, `deleting`, `deleted`.
  public var status: String
  public var statusMessage: String?
  /// Percent, where the service tells it.
  public var progress: Int?
  public var snapshotId: String?
  public var imageId: String?
  /// Those that it was begun with, less those that were taken off since.
  public var tags: [String: String]

  public var isCompleted: Bool { status == "completed" }
  public var isFailed: Bool { ["error", "deleting", "deleted", "cancelled", "cancelling"].contains(status) }

  /// Reads a task, or the answer that began one.
  init(_ node: XMLElement, _ kind: Kind) throws(AWSError) {
    let detail = kind == .snapshot ? node["snapshotTaskDetail"] ?? node : node
    guard let id = node.string("importTaskId"), let status = detail.string("status") else {
      throw .malformed("ec2", "DescribeImportTasks", "a task lacks its id or status")
    }
    self.id = id
    self.kind = kind
    self.status = status
    statusMessage = detail.string("statusMessage")
    progress = detail.int("progress").flatMap { (0...100).contains($0) ? Int($0) : nil }
    snapshotId =
      kind == .snapshot ? detail.string("snapshotId") : node.items("snapshotDetailSet").first?.string("snapshotId")
    imageId = kind == .image ? node.string("imageId") : nil
    tags = Dictionary(
      node.items("tagSet").compactMap { tag in tag.string("key").map { ($0, tag.string("value") ?? "") } },
      uniquingKeysWith: { _, last in last })
  }
}
