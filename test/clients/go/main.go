// What the official Go client can do: main BASE_URL API_KEY MODEL. Prints a line of JSON, as the other clients here do.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/responses"
	"github.com/openai/openai-go/v3/shared"
)

type checked struct {
	Route   string `json:"route"`
	Feature string `json:"feature"`
	Error   string `json:"error,omitempty"`
}

func main() {
	baseURL, apiKey, model := os.Args[1], os.Args[2], os.Args[3]
	client := openai.NewClient(option.WithBaseURL(baseURL), option.WithAPIKey(apiKey), option.WithMaxRetries(0))
	ctx := context.Background()
	results := []checked{}
	check := func(route, feature string, work func() error) {
		result := checked{Route: route, Feature: feature}
		if err := work(); err != nil {
			result.Error = err.Error()
		}
		results = append(results, result)
	}
	ask := func() openai.ChatCompletionNewParams {
		return openai.ChatCompletionNewParams{
			Model:    model,
			Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage("Hi.")},
		}
	}
	weather := openai.ChatCompletionFunctionTool(shared.FunctionDefinitionParam{
		Name: "weather",
		Parameters: shared.FunctionParameters{
			"type":       "object",
			"properties": map[string]any{"city": map[string]string{"type": "string"}},
			"required":   []string{"city"},
		},
	})

	check("chat/completions", "answer", func() error {
		answer, err := client.Chat.Completions.New(ctx, ask())
		if err != nil {
			return err
		}
		return expect(strings.HasPrefix(answer.Choices[0].Message.Content, "Hello from"), answer.RawJSON())
	})
	check("chat/completions", "stream", func() error {
		stream := client.Chat.Completions.NewStreaming(ctx, ask())
		whole := openai.ChatCompletionAccumulator{}
		for stream.Next() {
			whole.AddChunk(stream.Current())
		}
		if err := stream.Err(); err != nil {
			return err
		}
		return expect(strings.HasPrefix(whole.Choices[0].Message.Content, "Hello from"), whole.RawJSON())
	})
	check("chat/completions", "tools", func() error {
		params := ask()
		params.Tools = []openai.ChatCompletionToolUnionParam{weather}
		answer, err := client.Chat.Completions.New(ctx, params)
		if err != nil {
			return err
		}
		message := answer.Choices[0].Message
		if err := expect(len(message.ToolCalls) == 1 && message.ToolCalls[0].Function.Name == "weather", answer.RawJSON()); err != nil {
			return err
		}
		params.Messages = append(params.Messages, message.ToParam(), openai.ToolMessage("sunny", message.ToolCalls[0].ID))
		answer, err = client.Chat.Completions.New(ctx, params)
		if err != nil {
			return err
		}
		return expect(answer.Choices[0].Message.Content == "It is sunny.", answer.RawJSON())
	})
	check("chat/completions", "object", func() error {
		params := ask()
		params.ResponseFormat = openai.ChatCompletionNewParamsResponseFormatUnion{
			OfJSONSchema: &shared.ResponseFormatJSONSchemaParam{JSONSchema: shared.ResponseFormatJSONSchemaJSONSchemaParam{
				Name:   "place",
				Strict: openai.Bool(true),
				Schema: map[string]any{
					"type":                 "object",
					"properties":           map[string]any{"city": map[string]string{"type": "string"}},
					"required":             []string{"city"},
					"additionalProperties": false,
				},
			}},
		}
		answer, err := client.Chat.Completions.New(ctx, params)
		if err != nil {
			return err
		}
		return expect(answer.Choices[0].Message.Content == `{"city":"Bern"}`, answer.RawJSON())
	})
	check("chat/completions", "errors", func() error {
		params := ask()
		params.Model = "no-such-model"
		_, err := client.Chat.Completions.New(ctx, params)
		var refused *openai.Error
		if !errors.As(err, &refused) {
			return fmt.Errorf("no openai.Error: %v", err)
		}
		return expect(refused.StatusCode == 404 && refused.Code == "model_not_found", refused.RawJSON())
	})
	check("responses", "answer", func() error {
		answer, err := client.Responses.New(ctx, responses.ResponseNewParams{
			Model: model,
			Input: responses.ResponseNewParamsInputUnion{OfString: openai.String("Hi.")},
		})
		if err != nil {
			return err
		}
		return expect(strings.HasPrefix(answer.OutputText(), "Hello from"), answer.RawJSON())
	})
	check("responses", "stream", func() error {
		stream := client.Responses.NewStreaming(ctx, responses.ResponseNewParams{
			Model: model,
			Input: responses.ResponseNewParamsInputUnion{OfString: openai.String("Hi.")},
		})
		text := ""
		for stream.Next() {
			if event := stream.Current(); event.Type == "response.output_text.delta" {
				text += event.Delta
			}
		}
		if err := stream.Err(); err != nil {
			return err
		}
		return expect(strings.HasPrefix(text, "Hello from"), text)
	})
	check("embeddings", "vectors", func() error {
		answer, err := client.Embeddings.New(ctx, openai.EmbeddingNewParams{
			Model: model,
			Input: openai.EmbeddingNewParamsInputUnion{OfArrayOfStrings: []string{"a", "b"}},
		})
		if err != nil {
			return err
		}
		return expect(len(answer.Data) == 2 && len(answer.Data[0].Embedding) > 0, answer.RawJSON())
	})
	check("models", "list and find", func() error {
		page, err := client.Models.List(ctx)
		if err != nil {
			return err
		}
		if err := expect(len(page.Data) > 0, page.RawJSON()); err != nil {
			return err
		}
		found, err := client.Models.Get(ctx, model)
		if err != nil {
			return err
		}
		return expect(found.ID == model, found.RawJSON())
	})

	line, _ := json.Marshal(results)
	fmt.Println(string(line))
}

func expect(holds bool, got string) error {
	if holds {
		return nil
	}
	return errors.New("unexpected answer: " + got)
}
