"""The part of GitHub's GraphQL schema that this sandbox serves, with GitHub's own names.

https://docs.github.com/en/graphql/overview/public-schema has the whole.
"""

from typing import Final

from graphql import FieldNode, FieldsOnCorrectTypeRule, GraphQLError, build_schema, specified_rules

SCHEMA: Final = build_schema(
    """
scalar BigInt
scalar DateTime
scalar URI

enum DiffSide { LEFT RIGHT }
enum MergeableState { CONFLICTING MERGEABLE UNKNOWN }
enum PullRequestReviewDecision { APPROVED CHANGES_REQUESTED REVIEW_REQUIRED }
enum PullRequestState { CLOSED MERGED OPEN }

interface Actor { login: String!, url: URI! }
interface Node { id: ID! }
type User implements Actor { login: String!, url: URI! }

type PageInfo {
  endCursor: String
  hasNextPage: Boolean!
  hasPreviousPage: Boolean!
  startCursor: String
}

type RateLimit { limit: Int!, remaining: Int!, used: Int! }

type Repository implements Node {
  id: ID!
  name: String!
  nameWithOwner: String!
  url: URI!
  pullRequest(number: Int!): PullRequest
}

type PullRequest implements Node {
  id: ID!
  number: Int!
  title: String!
  body: String!
  state: PullRequestState!
  isDraft: Boolean!
  merged: Boolean!
  mergeable: MergeableState!
  reviewDecision: PullRequestReviewDecision
  url: URI!
  headRefName: String!
  headRefOid: String!
  baseRefName: String!
  author: Actor
  comments(after: String, first: Int, last: Int): IssueCommentConnection!
  reviewThreads(after: String, first: Int, last: Int): PullRequestReviewThreadConnection!
}

type IssueComment implements Node {
  id: ID!
  databaseId: Int
  fullDatabaseId: BigInt
  author: Actor
  body: String!
  createdAt: DateTime!
  updatedAt: DateTime!
  lastEditedAt: DateTime
  url: URI!
}

type IssueCommentConnection {
  totalCount: Int!
  nodes: [IssueComment]
  edges: [IssueCommentEdge]
  pageInfo: PageInfo!
}

type IssueCommentEdge { cursor: String!, node: IssueComment }

type PullRequestReviewThread implements Node {
  id: ID!
  isResolved: Boolean!
  isOutdated: Boolean!
  isCollapsed: Boolean!
  resolvedBy: User
  path: String!
  line: Int
  originalLine: Int
  diffSide: DiffSide!
  viewerCanResolve: Boolean!
  pullRequest: PullRequest!
  comments(after: String, first: Int, last: Int): PullRequestReviewCommentConnection!
}

type PullRequestReviewThreadConnection {
  totalCount: Int!
  nodes: [PullRequestReviewThread]
  edges: [PullRequestReviewThreadEdge]
  pageInfo: PageInfo!
}

type PullRequestReviewThreadEdge { cursor: String!, node: PullRequestReviewThread }

type PullRequestReviewComment implements Node {
  id: ID!
  databaseId: Int
  fullDatabaseId: BigInt
  author: Actor
  body: String!
  path: String!
  line: Int
  originalLine: Int
  diffHunk: String!
  createdAt: DateTime!
  updatedAt: DateTime!
  url: URI!
}

type PullRequestReviewCommentConnection {
  totalCount: Int!
  nodes: [PullRequestReviewComment]
  edges: [PullRequestReviewCommentEdge]
  pageInfo: PageInfo!
}

type PullRequestReviewCommentEdge { cursor: String!, node: PullRequestReviewComment }

input ResolveReviewThreadInput { clientMutationId: String, threadId: ID! }
type ResolveReviewThreadPayload { clientMutationId: String, thread: PullRequestReviewThread }

input UnresolveReviewThreadInput { clientMutationId: String, threadId: ID! }
type UnresolveReviewThreadPayload { clientMutationId: String, thread: PullRequestReviewThread }

input ConvertPullRequestToDraftInput { clientMutationId: String, pullRequestId: ID! }
type ConvertPullRequestToDraftPayload {
  actor: Actor
  clientMutationId: String
  pullRequest: PullRequest
}

input MarkPullRequestReadyForReviewInput { clientMutationId: String, pullRequestId: ID! }
type MarkPullRequestReadyForReviewPayload {
  actor: Actor
  clientMutationId: String
  pullRequest: PullRequest
}

type Query {
  viewer: User!
  repository(owner: String!, name: String!): Repository
  node(id: ID!): Node
  rateLimit: RateLimit
}

type Mutation {
  resolveReviewThread(input: ResolveReviewThreadInput!): ResolveReviewThreadPayload
  unresolveReviewThread(input: UnresolveReviewThreadInput!): UnresolveReviewThreadPayload
  convertPullRequestToDraft(
    input: ConvertPullRequestToDraftInput!
  ): ConvertPullRequestToDraftPayload
  markPullRequestReadyForReview(
    input: MarkPullRequestReadyForReviewInput!
  ): MarkPullRequestReadyForReviewPayload
}
"""
)


class UndefinedFieldRule(FieldsOnCorrectTypeRule):
    """Refuses a field that its type does not have, in GitHub's words instead of the library's."""

    def enter_field(self, node: FieldNode, *_args: object) -> None:
        parent = self.context.get_parent_type()
        if parent is None or self.context.get_field_def() is not None:
            return
        name = node.name.value
        detail = {"code": "undefinedField", "typeName": parent.name, "fieldName": name}
        message = f"Field '{name}' doesn't exist on type '{parent.name}'"
        self.report_error(GraphQLError(message, node, extensions=detail))


RULES: Final = tuple(
    UndefinedFieldRule if rule is FieldsOnCorrectTypeRule else rule for rule in specified_rules
)
