/// `source/close`: nobody reads any more what `source/open` offered in `folder`. What is not offered is no error.
public struct SourceClose: ConnectorRequest {
  public static let method = "source/close"
  public static let isMandatory = false
  public typealias Result = Empty

  public var folder: String

  public init(folder: String) {
    self.folder = folder
  }
}
